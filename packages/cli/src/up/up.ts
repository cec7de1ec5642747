import { freePort, HomeInUseError, openHome, type RunFile, removeRunFile, writeRunFile } from "@gatehouse/local";
import type { FollowFrom, Log, NatsBus } from "@gatehouse/runtime";
import { migrate } from "@gatehouse/store";
import { loadSettings, type SettingsSource } from "../settings.ts";
import { adminKey } from "./admin-key.ts";
import { assertPortFree } from "./assert-port-free.ts";
import { DEAD_LETTERS, DeadLetterNews } from "./dead-letter-news.ts";
import { demoSettings, inboxOf, runDemo } from "./demo.ts";
import { assertDurability } from "./durability.ts";
import { runFile, upFacts } from "./facts.ts";
import { followLive, fromNow } from "./follow-live.ts";
import { EVENTS, tellEvent } from "./live-events.ts";
import type { Tell, UpFacts } from "./news.ts";
import { openLogs } from "./open-logs.ts";
import { startServers } from "./start-backing.ts";
import { startServices } from "./start-services.ts";
import { StopStack } from "./stop-stack.ts";
import { fitToDisk } from "./stream-room.ts";
import { tellServers } from "./tell-servers.ts";
import { tellVectors } from "./tell-vectors.ts";
import { waitReady } from "./wait-ready.ts";
import { watchStrays } from "./watch-strays.ts";

export interface UpOptions extends SettingsSource {
  /** The folder that holds everything. */
  home: string;
  /** Of the gateway, instead of the configured one; 0: any free one. */
  port?: number;
  /** Runs two simulated cameras. */
  demo: boolean;
  /** A process per service. */
  split: boolean;
  /** Also shows what the services log. */
  verbose?: boolean;
  tell: Tell;
  /** Aborted, the start is given up. */
  signal: AbortSignal;
  /** Aborted, stopping waits for nobody any more. */
  hurry?: AbortSignal;
}

/** A running Gatehouse. */
export interface Up {
  facts: UpFacts;
  run: RunFile;
  /** Stops everything in order, within 5 s. Repeatable. */
  stop(): Promise<void>;
}

const PATIENT = new AbortController().signal;

/**
 * Brings a Gatehouse up: backing servers, streams, tables, models, services and, when asked, the demo.
 * What was started is stopped again when something fails.
 * @throws {ConfigError | PortTakenError | HomeInUseError | BackingMissingError | StartFailedError …}
 */
export async function up(options: UpOptions): Promise<Up> {
  const stack = new StopStack();
  try {
    return await start(options, stack);
  } catch (error) {
    await stack.stop(options.hurry ?? PATIENT);
    throw error;
  }
}

async function start(options: UpOptions, stack: StopStack): Promise<Up> {
  const begin_ms = performance.now();
  const { tell, signal, split } = options;
  signal.throwIfAborted();
  const { source, note } = await sourceOf(options);
  const settings = loadSettings({ ...source, secrets: true });
  const home = await openHome(options.home).catch((error: unknown) => refuseSecond(error, options.home));
  stack.add({ name: "home", until_ms: 5_000, stop: () => home.close() });
  await assertPortFree(settings.gateway);
  const left = home.stopped.map(({ name }) => name).join(", ");
  if (left) tell({ what: "note", text: `Stopped what a killed start had left: ${left}` });
  const { log, telemetry } = await openLogs(home.dir, settings, { env: source.env, verbose: options.verbose ?? false });
  stack.add({ name: "log", until_ms: 4_900, stop: () => Promise.all([telemetry.stop(), log.close()]) });

  tell({ what: "working", on: "Starting the backing servers" });
  const streams = fitToDisk(home.dir, settings, tell);
  const { backing, bus } = await startServers({ home, env: source.env, streams, log, tell, stack, signal });
  assertDurability(settings.durability, { version: bus.server_version, ours: backing.owned.includes("nats") });
  await Promise.all([tellServers(backing, tell), tellVectors(home.dir, backing, tell)]);

  tell({ what: "working", on: "Preparing the tables" });
  await migrate(backing.database_url);
  const key = await adminKey(home.dir, backing.database_url);
  signal.throwIfAborted();

  stack.add({ name: "run.json", until_ms: 3_600, stop: () => removeRunFile(home) });
  const [events, dead] = await Promise.all([fromNow(bus, EVENTS), fromNow(bus, DEAD_LETTERS)]);
  let onChange = (): void => undefined;
  const around = { home: home.dir, backing, children: home.children, log, telemetry, tell, onChange: () => onChange() };
  const parts = await startServices({ ...around, source, split, stack, signal });
  const run = () => runFile(backing, key, parts);
  onChange = () => writeRunFile(home, run());
  onChange();
  await waitReady(parts, tell, signal);
  if (note) tell({ what: "note", text: note });

  const inbox = inboxOf(home.dir, settings);
  const facts = await upFacts({ key, parts, inbox, redis_url: backing.redis_url, begin_ms });
  tell({ what: "up", facts });
  if (options.demo) {
    const demo = await runDemo(bus, inbox, log, PATIENT);
    stack.add({ name: "demo", until_ms: 800, stop: () => demo.stop() });
  }
  tellLive({ bus, log, tell, stack, inbox, events, dead });
  return { facts, run: run(), stop: async () => void (await stack.stop(options.hurry ?? PATIENT)) };
}

interface LiveNews {
  bus: NatsBus;
  log: Log;
  tell: Tell;
  stack: StopStack;
  inbox: string;
  /** Where the events, and what was given up, begin to be told. */
  events: FollowFrom;
  dead: FollowFrom;
}

/** Tells what happens from now on: security events, messages that are given up, files that nobody takes in. */
function tellLive({ bus, log, tell, stack, inbox, events, dead }: LiveNews): void {
  const letters = new DeadLetterNews(tell);
  const live = [
    followLive({ bus, log, stream: EVENTS, from: events, onMessage: (message) => tellEvent(message, tell, log) }),
    followLive({ bus, log, stream: DEAD_LETTERS, from: dead, onMessage: (message) => letters.add(message) }),
    watchStrays(inbox, tell),
  ];
  const stop = async () => {
    await Promise.all(live.map((one) => one.stop()));
    letters.close();
  };
  stack.add({ name: "live news", until_ms: 300, stop });
}

/** @throws {HomeInUseError} in words for somebody who starts twice */
function refuseSecond(error: unknown, home: string): never {
  if (!(error instanceof HomeInUseError)) throw error;
  throw new HomeInUseError(
    `Cannot start a second Gatehouse in "${home}" as process ${error.facts.pid} runs there: gatehouse status says how it is, gatehouse down stops it`,
    { facts: error.facts, cause: error },
  );
}

/** The configuration with what the options say over it. */
async function sourceOf(options: UpOptions): Promise<{ source: SettingsSource; note: string | null }> {
  const { file, env, cwd, demo } = options;
  const port = await portOf(options);
  const with_port = port === undefined ? env : { ...env, GATEHOUSE_GATEWAY__PORT: String(port) };
  if (!demo) return { source: { file, cwd, env: with_port }, note: null };
  const shown = demoSettings({ file, cwd, env: with_port });
  return { source: { file, cwd, env: { ...with_port, ...shown.env } }, note: shown.note };
}

/** A gateway of its own process keeps its port when it is started again: "any free one" is chosen here, once. */
async function portOf({ file, env, cwd, port, split }: UpOptions): Promise<number | undefined> {
  const wanted = port ?? loadSettings({ file, env, cwd }).gateway.port;
  return split && wanted === 0 ? freePort() : port;
}
