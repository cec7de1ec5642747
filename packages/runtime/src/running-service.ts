import { setTimeout as timer } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { matchSubject } from "@gatehouse/events";
import { type NatsBus, openBus } from "./bus/nats-bus.ts";
import { elapsed } from "./elapsed.ts";
import type { ReadinessReason, ServiceReadiness } from "./health/readiness.ts";
import type { MeshParts } from "./run-services.ts";
import type { AnyService, Host, OpenDoor, Started } from "./service.ts";
import { Attempts } from "./work/attempts.ts";
import { ConsumerLoop } from "./work/consumer-loop.ts";
import { ConsumerWatch } from "./work/consumer-watch.ts";
import { type DeadLetter, doorLetter } from "./work/dead-letter.ts";
import { DueLoop } from "./work/due-loop.ts";
import { dueRedrive } from "./work/due-redrive.ts";
import { giveUp } from "./work/give-up.ts";
import { HandlerRuns } from "./work/handler-runs.ts";
import { createMeters } from "./work/meters.ts";
import { Pause } from "./work/pause.ts";
import type { WorkShop } from "./work/work-shop.ts";

const TRY_AGAIN_MS = 1_000;
/** How long each step of a stop may take, and all together: what others did not need, the stores may. */
const STOP_DEFAULTS = Object.freeze({ doors_ms: 750, finish_ms: 2_000, abort_ms: 1_000, close_ms: 400, all_ms: 5_000 });

/** One service in this process, from its start, through whatever its dependencies do, to its orderly stop. */
export class RunningService {
  readonly service: AnyService;
  readonly #parts: MeshParts;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  #waitingFor: ReadinessReason | null = null;
  #bus: NatsBus | null = null;
  #started: Started<object> | null = null;
  #pause: Pause | null = null;
  #loops: ConsumerLoop[] = [];
  #watches: ConsumerWatch[] = [];
  #due: DueLoop[] = [];
  #doors: { name: string; door: OpenDoor }[] = [];
  #degraded: string[] = [];
  #ready = false;
  #starting: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(service: AnyService, parts: MeshParts) {
    this.service = service;
    this.#parts = parts;
  }

  /** Where its doors listen, for people. */
  get doors(): { name: string; url: string | null }[] {
    return this.#doors.map(({ name, door }) => ({ name, url: door.url ?? null }));
  }

  /** Handlers at work by consumer. */
  get in_flight(): [consumer: string, count: number][] {
    return this.#loops.map(({ name, in_flight }) => [name, in_flight]);
  }

  /** Starts, waiting for what is not there yet. @throws what is wrong with the service itself. */
  start(): Promise<void> {
    this.#starting ??= this.#startAtLast();
    return this.#starting;
  }

  async #startAtLast(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        return await this.#startOnce();
      } catch (error) {
        await this.#close();
        if (this.#stopping.signal.aborted) return;
        const { code, message, retry } = describeError(error);
        if (retry !== "later") throw error;
        if (!this.#waitingFor)
          this.#parts.log.warn({ service: this.service.name, code, reason: message }, "waits to start");
        this.#waitingFor = { code, message, since_ms: this.#waitingFor?.since_ms ?? Date.now() };
        await elapsed(TRY_AGAIN_MS, this.#stopping.signal);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { backing, config, log, solitude, telemetry, onStage } = this.#parts;
    const { name } = this.service;
    const own = log.child({ service: name });
    this.#bus = await openBus({
      nats_url: backing.nats_url,
      user: backing.nats_user,
      password: backing.nats_password,
      name,
      log: own,
      envelope: { cloudevents: config.wire?.cloudevents ?? false, source: name },
    });
    this.#stopping.signal.throwIfAborted();
    const meters = createMeters(telemetry.metrics, name);
    const parts = { service: name, bus: this.#bus, log: own, meters, countDead: () => this.#started?.countDead };
    const giveUpHere = (letter: DeadLetter) => giveUp(parts, letter);
    const host = this.#host(this.#bus, giveUpHere);
    this.#started = await this.service.start(host);
    this.#stopping.signal.throwIfAborted();
    const attempts = new Attempts(this.#bus);
    const broker = { name: "broker", probe: () => this.#probeBroker(attempts) };
    this.#pause = new Pause([broker, ...(this.#started.dependencies ?? [])], own);
    const shop: WorkShop = {
      service: name,
      bus: this.#bus,
      log: own,
      telemetry,
      meters,
      deps: this.#started.deps,
      attempts,
      pause: this.#pause,
      solitude,
      runs: new HandlerRuns(this.#aborting.signal, own),
      stopping: this.#stopping.signal,
      giveUp: giveUpHere,
      wakeDue: (kind) => this.#dueLoop(kind)?.wake(),
      beginDue: (row, asked_ms) => this.#dueLoop(row.kind)?.begin(row, asked_ms),
      ...(onStage ? { onStage } : {}),
    };
    this.#bind(shop);
    for (const watch of this.#watches) await watch.start();
    this.#stopping.signal.throwIfAborted();
    this.#pause.start();
    for (const loop of this.#loops) loop.start();
    for (const loop of this.#due) loop.start();
    for (const door of this.service.doors ?? []) {
      this.#doors.push({ name: door.name, door: await door.start(this.#started.deps, host) });
      this.#stopping.signal.throwIfAborted();
    }
    this.#waitingFor = null;
    this.#ready = true;
    own.info({ doors: this.doors.flatMap(({ url }) => url ?? []) }, "service ready");
  }

  #host(bus: NatsBus, giveUp: WorkShop["giveUp"]): Host {
    const { config, backing, home, log, instance, readiness, telemetry } = this.#parts;
    const { name } = this.service;
    return {
      service: name,
      instance,
      config: config as Host["config"],
      backing,
      home,
      bus,
      log: log.child({ service: name }),
      telemetry,
      signal: this.#stopping.signal,
      readiness,
      wakeDue: (kind) => this.#dueLoop(kind)?.wake(),
      bury: (letter) => giveUp(doorLetter(letter)),
    };
  }

  #bind(shop: WorkShop): void {
    const { name } = this.service;
    const { dueStore } = this.#started!;
    const due = dueStore ? Object.entries(this.service.due ?? {}) : [];
    const inputs = [...(this.service.inputs ?? []), ...due.map(([kind]) => dueRedrive(name, kind, dueStore!))];
    const inputFor = (subject: string) => inputs.find(({ event }) => matchSubject(event, subject)) ?? null;
    const durables = new Set([...inputs.map(({ consumer }) => consumer), `${name}-redrive`]);
    for (const { name: stream, consumers } of this.#parts.declared.streams)
      for (const declaration of consumers.filter(({ durable }) => durables.has(durable))) {
        const loop = new ConsumerLoop(shop, { stream, declaration, inputFor });
        this.#loops.push(loop);
        this.#watches.push(new ConsumerWatch(shop, stream, declaration, () => loop.highest_seq));
      }
    for (const [kind, work] of due) this.#due.push(new DueLoop(shop, dueStore!, kind, work));
  }

  #dueLoop(kind: string): DueLoop | undefined {
    return this.#due.find((loop) => loop.kind === kind);
  }

  /** Asks what cannot be asked at once: whether the service calls itself degraded. */
  async refresh(): Promise<void> {
    this.#degraded = (await this.#started?.degraded?.()) ?? [];
  }

  readiness(): ServiceReadiness {
    const blocking: ReadinessReason[] = this.#waitingFor ? [this.#waitingFor] : [];
    const weak: ReadinessReason[] = this.#degraded.map((message) => ({
      code: "DEGRADED",
      message,
      since_ms: Date.now(),
    }));
    for (const { name, optional, down_since_ms, reason } of this.#pause?.states() ?? [])
      if (down_since_ms !== null)
        (optional ? weak : blocking).push({
          code: "DEPENDENCY_DOWN",
          message: `${name}: ${reason}`,
          since_ms: down_since_ms,
        });
    for (const { name, missing_since_ms } of this.#loops)
      if (missing_since_ms !== null)
        blocking.push({
          code: "CONSUMER_MISSING",
          message: `Consumer "${name}" is not there: gatehouse streams apply makes it`,
          since_ms: missing_since_ms,
        });
    for (const { reason } of this.#watches)
      if (reason) weak.push({ code: "ACK_PENDING_HIGH", message: reason, since_ms: Date.now() });
    if (this.#stopping.signal.aborted)
      blocking.push({ code: "STOPPING", message: "The service stops", since_ms: Date.now() });
    if (!this.#ready && blocking.length === 0)
      blocking.push({ code: "STARTING", message: "The service starts", since_ms: Date.now() });
    const status = blocking.length > 0 ? "not_ready" : weak.length > 0 ? "degraded" : "ready";
    return { service: this.service.name, status, reasons: [...blocking, ...weak] };
  }

  /** Stops in the order work flows, each step bounded. Repeatable; a service that never started is fine. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopInOrder();
    return this.#stopped;
  }

  async #stopInOrder(): Promise<void> {
    const began_ms = performance.now();
    if (!this.#ready) this.#stopping.abort();
    await this.#stopDoors();
    this.#stopping.abort();
    const finished = Promise.all([
      ...this.#loops.map((loop) => loop.stopPulling().then(() => loop.finished())),
      ...this.#due.map((loop) => loop.finished()),
    ]);
    await bounded(STOP_DEFAULTS.finish_ms, finished);
    this.#aborting.abort();
    await bounded(
      STOP_DEFAULTS.abort_ms,
      Promise.all([finished, this.#pause?.stop(), ...this.#watches.map((watch) => watch.finished())]),
    );
    // A start that is under way finds out that it must stop, and closes what it opened, even when that takes longer.
    if (!this.#ready) return bounded(STOP_DEFAULTS.close_ms, this.#starting);
    const { all_ms, close_ms } = STOP_DEFAULTS;
    await this.#close(Math.max(close_ms, began_ms + all_ms - 2 * close_ms - performance.now()));
  }

  async #stopDoors(): Promise<void> {
    const open = this.#doors.splice(0);
    await bounded(STOP_DEFAULTS.doors_ms, Promise.all(open.map(({ door }) => door.stop())));
  }

  /** The broker, and the bucket that counts failures where messages are handled. */
  async #probeBroker(attempts: Attempts): Promise<void> {
    await this.#bus?.probe();
    if (this.#loops.length > 0) await attempts.probe();
  }

  /** The bus last: what stores give back may go over it. */
  async #close(stores_ms: number = STOP_DEFAULTS.close_ms): Promise<void> {
    this.#ready = false;
    await this.#stopDoors();
    await bounded(STOP_DEFAULTS.close_ms, this.#pause?.stop());
    for (const loop of this.#loops) loop.dispose();
    await bounded(stores_ms, this.#started?.stop?.());
    await bounded(STOP_DEFAULTS.close_ms, this.#bus?.close());
    this.#loops = [];
    this.#watches = [];
    this.#due = [];
    this.#bus = null;
    this.#started = null;
    this.#pause = null;
  }
}

async function bounded(ms: number, work: Promise<unknown> | undefined | null): Promise<void> {
  if (!work) return;
  const finished = new AbortController();
  const timeout = timer(ms, undefined, { signal: finished.signal }).catch(() => {});
  await Promise.race([work.catch(() => {}), timeout]);
  finished.abort();
}
