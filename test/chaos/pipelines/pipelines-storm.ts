import { cp } from "node:fs/promises";
import { join } from "node:path";
import { retryRun } from "@gatehouse/store";
import { until } from "../../harness/until.ts";
import { startWorld, type World } from "../../harness/world.ts";
import { type Blow, planBlows, type Victim } from "../plan.ts";
import { serversOf, strike } from "../strike.ts";
import { type Troubled, troubleEngines } from "./engine-trouble.ts";
import { EngineWitness } from "./engine-witness.ts";
import { PipelinePeople } from "./pipeline-people.ts";
import { ENGINE_TIMEOUT_MS, type PipelinesProcesses, startPipelines } from "./pipelines-processes.ts";
import type { PipelinesStory, Reach } from "./pipelines-story.ts";
import { isOver, judgePipelines, type PipelinesVerdict } from "./pipelines-verdict.ts";
import { deadLetters, readRows } from "./read-story.ts";
import { StatusReader } from "./status-reader.ts";
import { missingTrouble } from "./trouble-verdict.ts";

/** An engine that was struck answers again by then. */
const EXPLAINED_MS = 10_000;
/** Of planBlows(). */
const LONGEST_PAUSE_MS = 3_000;
/** Of the streams of pipelines. */
const ACK_WAIT_MS = 5_000;

export interface PipelinesStormOptions {
  triggers: number;
  /** Of each victim. */
  kills: number;
  pauses: number;
  /** Every second pause of a bridge lasts so long: beyond its lease, another has its turn when it wakes. */
  long_pause_ms: number;
  /** Processes of the bridge. */
  replicas: number;
  /** What kills them: after SIGTERM others have their work at once, else when its leases are over. */
  bridge_signal: "SIGKILL" | "SIGTERM";
  seed: number;
  /** Only victims whose names begin so are struck; all unless given. */
  victims?: readonly string[];
  /** Between two blows, on average. */
  every_ms: number;
  /** How long a run takes. */
  run_ms: number;
  settle_ms: number;
  /** How much later than asked engines make some runs; beyond `settle_ms` there are two runs of a name, and `run_ms` must leave time to find them. */
  late_ms: readonly number[];
  /** Also what few houses meet, and then it is a fault if some trouble is missing. */
  is_harsh: boolean;
  /** After the last blow. */
  patience_ms: number;
  tell(line: string): void;
}

/** Triggers pipelines while everybody is killed and paused and engines misbehave; afterwards what the engines did is held against what was told. */
export async function pipelinesStorm(options: PipelinesStormOptions): Promise<PipelinesVerdict> {
  const world = await startWorld();
  const processes = await startPipelines(world, options);
  const people = new PipelinePeople(world, {
    ...options,
    retry: (request_id) => world.db.transaction((tx) => retryRun(tx, request_id)),
  });
  const statuses = new StatusReader(world.bus, (told) => people.hear(told));
  const engines = new EngineWitness({ argo: processes.argo.url, kubeflow: processes.kubeflow.url });
  const witnesses = { world, people, statuses, engines };
  try {
    const troubled = await rage(witnesses, processes, options);
    const story = () => storyOf(witnesses, { ...troubled, reach: reachOf(options) });
    const settled = async (): Promise<boolean> => isOver(await story());
    await until("all is told", settled, { within_ms: options.patience_ms }).catch(({ message }) =>
      options.tell(message),
    );
    const told = await story();
    const verdict = judgePipelines(told);
    if (options.is_harsh) verdict.faults.push(...missingTrouble(verdict, told.trouble));
    return verdict;
  } finally {
    await Promise.all([statuses.stop(), engines.stop()]);
    await processes.stop();
    const kept = process.env.CHAOS_LOGS;
    if (kept) await keepLogs(world, kept);
    await world.stop();
  }
}

interface Witnesses {
  world: World;
  people: PipelinePeople;
  statuses: StatusReader;
  engines: EngineWitness;
}

/** The storm itself; resolves when nothing more is done to anybody. */
async function rage(
  { world, people, statuses }: Witnesses,
  processes: PipelinesProcesses,
  options: PipelinesStormOptions,
): Promise<Troubled> {
  const { seed, triggers, tell } = options;
  const engines = [processes.argo, processes.kubeflow];
  const struck = new Map<string, number>();
  const noted = processes.engines.map((victim, i) => noting(victim, () => struck.set(engines[i]!.url, Date.now())));
  const wasStruck = (url: string): boolean => Date.now() - (struck.get(url) ?? 0) < EXPLAINED_MS;
  const victims = [...noted, ...othersOf(world, processes, options)].filter(({ name }) =>
    isNamed(name, options.victims),
  );
  const plan = planOf(victims, options);
  tell(`${triggers} triggers, ${plan.length} blows on ${victims.length} victims, seed ${seed}`);
  const lasts_ms = plan.reduce((sum, { wait_ms }) => sum + wait_ms, 0);
  const ended = new AbortController();
  const running = people.run(lasts_ms, ended.signal);
  await until("the first run is told of", () => statuses.told.length > 0);
  const { over, done } = strike(plan, victims, tell);
  over.addEventListener("abort", () => ended.abort());
  const [troubled] = await Promise.all([troubleEngines(engines, { ...options, wasStruck }, over), running, done]);
  await sleep(Math.max(...options.late_ms));
  tell("the last blow has fallen");
  return troubled;
}

/** By what a cancel may be late: taken in twice in vain and a server that is paused; then one bridge that sleeps over it, and a late post. */
const reachOf = ({ pauses, long_pause_ms, late_ms }: PipelinesStormOptions): Reach => ({
  cancel_ms: 2 * ACK_WAIT_MS + (pauses > 0 ? LONGEST_PAUSE_MS : 0),
  begin_ms: long_pause_ms + Math.max(...late_ms) + LONGEST_PAUSE_MS + ENGINE_TIMEOUT_MS,
});

function noting(victim: Victim, note: () => void): Victim {
  const noted = (strike: () => void) => () => {
    note();
    strike();
  };
  return {
    name: victim.name,
    kill: noted(() => victim.kill()),
    pause: noted(() => victim.pause()),
    resume: noted(() => victim.resume()),
  };
}

async function storyOf(
  { world, people, statuses, engines }: Witnesses,
  { reach, ...troubled }: Troubled & { reach: Reach },
): Promise<PipelinesStory> {
  await people.settled();
  return {
    triggers: people.triggers,
    logged: await engines.logs(),
    contract_faults: await engines.contractFaults(),
    trouble: { ...troubled, met: engines.met() },
    reach,
    told: statuses.told,
    dead_letters: await deadLetters(world.bus),
    ...(await readRows(world.db)),
  };
}

const othersOf = (
  world: World,
  { bridges }: PipelinesProcesses,
  { bridge_signal }: PipelinesStormOptions,
): Victim[] => [
  ...bridges.map((bridge): Victim => {
    const [pause, resume] = [() => bridge.pause(), () => bridge.resume()];
    return { name: bridge.name, kill: () => bridge.kill(bridge_signal), pause, resume };
  }),
  ...serversOf(world).filter(({ name }) => name !== "redis"),
];

const isNamed = (name: string, wanted: readonly string[] = [""]): boolean => wanted.some((one) => name.startsWith(one));

function planOf(victims: readonly Victim[], options: PipelinesStormOptions): Blow[] {
  const names = victims.map(({ name }) => name);
  let bridges_paused = 0;
  return planBlows(names, options).map((blow) =>
    blow.what === "pause" && blow.victim.startsWith("pipeline-bridge") && bridges_paused++ % 2 === 1
      ? { ...blow, pause_ms: options.long_pause_ms }
      : blow,
  );
}

/** Also what the engines wrote down. */
async function keepLogs({ dir }: World, folder: string): Promise<void> {
  await cp(join(dir, "logs"), folder, { recursive: true });
  for (const engine of ["argo", "kubeflow"]) await cp(join(dir, `${engine}.jsonl`), join(folder, `${engine}.jsonl`));
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
