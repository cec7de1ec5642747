import { randomUUID } from "node:crypto";
import { Journal } from "./journal.ts";
import type { Script } from "./switches.ts";

/** What a client gives a new run. */
export interface GivenRun {
  name: string;
  namespace: string;
  template: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  parameters: { name: string; value: string }[];
}

/** How a run became at a version. Its first phase is "": the controller has not seen it. */
export interface RunChange {
  phase: string;
  at_ms: number;
  message: string;
  version: number;
}

/** A run as it is kept. */
export interface KeptRun {
  uid: string;
  given: GivenRun;
  created_at_ms: number;
  history: RunChange[];
  /** Which shutdown was asked for, if any. */
  shutdown: string | null;
  script: Script;
  has_vanished: boolean;
}

/** A change that watches are told. */
export interface RunEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  version: number;
  run: KeptRun;
  /** The run's history up to here. */
  changes: number;
}

type Entry =
  | { kind: "created"; uid: string; given: GivenRun; script: Script; at_ms: number; version: number }
  | { kind: "phase"; uid: string; phase: string; message: string; at_ms: number; version: number }
  | { kind: "shutdown"; uid: string; strategy: string }
  | { kind: "retried"; uid: string; script: Script }
  | { kind: "vanished"; uid: string; version: number }
  | { kind: "anew" };

export const ENDED: ReadonlySet<string> = new Set(["Succeeded", "Failed", "Error"]);
const SHUTTING_DOWN_MS = 20;
/** Changes that a watch may begin after; versions before them are too old. */
const KEPT_EVENTS = 50_000;
/** A cluster's versions begin somewhere, and count what is not ours too. */
const FIRST_VERSION = 1_000;

/** The runs of an Argo that is none: kept in a file, going through their scripts by themselves. */
export class ArgoRuns {
  /** The newest version that was given. */
  version = FIRST_VERSION;
  /** Watches may not begin before this version. */
  oldest_version = FIRST_VERSION;
  /** Runs vanish that long after they ended; null: never. Not kept over a restart. */
  #ttl_ms: number | null = null;
  /** Told of each change. */
  told: (event: RunEvent) => void = () => undefined;
  readonly #journal: Journal<Entry>;
  readonly #runs = new Map<string, KeptRun>();
  /** By namespace and name: those that are there. */
  readonly #named = new Map<string, KeptRun>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #late = new Set<NodeJS.Timeout>();
  #events: RunEvent[] = [];

  constructor(file: string) {
    this.#journal = new Journal(file);
    for (const entry of this.#journal.read()) this.#apply(entry);
    for (const run of this.#named.values()) this.#goOn(run);
  }

  /** Null: a run of that name is there. */
  create(given: GivenRun, script: Script): KeptRun | null {
    if (this.find(given.namespace, given.name)) return null;
    const uid = randomUUID();
    this.#record({ kind: "created", uid, given, script, at_ms: Date.now(), version: this.#next() });
    const run = this.#runs.get(uid)!;
    this.#goOn(run);
    return run;
  }

  createLater(given: GivenRun, script: Script, late_ms: number): void {
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      this.create(given, script);
    }, late_ms);
    this.#late.add(timer);
  }

  find(namespace: string, name: string): KeptRun | undefined {
    return this.#named.get(`${namespace}/${name}`);
  }

  /** Those that are there, by name. */
  in(namespace: string): KeptRun[] {
    const here = [...this.#named.values()].filter(({ given }) => given.namespace === namespace);
    return here.sort((a, b) => (a.given.name < b.given.name ? -1 : 1));
  }

  /** Every run that was ever created, oldest first. */
  all(): KeptRun[] {
    return [...this.#runs.values()];
  }

  /** Null: the version is too old to go on after it. */
  eventsAfter(version: number): RunEvent[] | null {
    if (version < this.oldest_version) return null;
    return this.#events.filter((event) => event.version > version);
  }

  /** From now on versions up to this one are too old. */
  expire(): void {
    this.#events = [];
    this.oldest_version = this.#next();
  }

  /** Runs vanish that long after they ended, those too that have; null: never. */
  clearAwayAfter(ttl_ms: number | null): void {
    this.#ttl_ms = ttl_ms;
    for (const run of this.#named.values()) if (ENDED.has(phaseOf(run))) this.#goOn(run);
  }

  /** Versions begin anew, as in a cluster that was put back: what there is has low ones now. */
  beginAnew(): void {
    this.#journal.write({ kind: "anew" });
    this.#apply({ kind: "anew" });
  }

  /** False where it has ended. */
  shutDown(run: KeptRun, strategy: string): boolean {
    if (ENDED.has(phaseOf(run))) return false;
    if (run.shutdown !== null) return true;
    this.#record({ kind: "shutdown", uid: run.uid, strategy });
    this.#goOn(run);
    return true;
  }

  /** False unless it failed. */
  retry(run: KeptRun, script: Script): boolean {
    if (!["Failed", "Error"].includes(phaseOf(run))) return false;
    this.#record({ kind: "retried", uid: run.uid, script });
    this.#become(run, "Running", "");
    this.#goOn(run);
    return true;
  }

  vanish(run: KeptRun): void {
    clearTimeout(this.#timers.get(run.uid));
    this.#record({ kind: "vanished", uid: run.uid, version: this.#next() });
  }

  stop(): void {
    for (const timer of [...this.#timers.values(), ...this.#late]) clearTimeout(timer);
  }

  #next(): number {
    this.version += 1;
    return this.version;
  }

  #become(run: KeptRun, phase: string, message: string): void {
    this.#record({ kind: "phase", uid: run.uid, phase, message, at_ms: Date.now(), version: this.#next() });
  }

  #record(entry: Entry): void {
    this.#journal.write(entry);
    const event = this.#apply(entry);
    if (event) this.told(event);
  }

  #apply(entry: Entry): RunEvent | null {
    if (entry.kind === "created") {
      const { uid, given, script, at_ms, version } = entry;
      const history = [{ phase: "", at_ms, message: "", version }];
      const run = { uid, given, script, created_at_ms: at_ms, history, shutdown: null, has_vanished: false };
      this.#runs.set(uid, run);
      this.#named.set(`${given.namespace}/${given.name}`, run);
      return this.#happened("ADDED", run, version);
    }
    if (entry.kind === "anew") return this.#renumber();
    const run = this.#runs.get(entry.uid)!;
    if (entry.kind === "phase") {
      const { phase, at_ms, message, version } = entry;
      run.history.push({ phase, at_ms, message, version });
      return this.#happened("MODIFIED", run, version);
    }
    if (entry.kind === "vanished") {
      run.has_vanished = true;
      this.#named.delete(`${run.given.namespace}/${run.given.name}`);
      return this.#happened("DELETED", run, entry.version);
    }
    run.shutdown = entry.kind === "shutdown" ? entry.strategy : null;
    if (entry.kind === "retried") run.script = entry.script;
    return null;
  }

  #renumber(): null {
    const changes = this.all().flatMap(({ history }) => history);
    changes.sort((a, b) => a.version - b.version);
    for (const [at, change] of changes.entries()) change.version = at + 1;
    this.version = changes.length;
    this.oldest_version = 0;
    this.#events = [];
    return null;
  }

  #happened(type: RunEvent["type"], run: KeptRun, version: number): RunEvent {
    this.version = Math.max(this.version, version);
    const event = { type, version, run, changes: run.history.length };
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT_EVENTS) {
      this.#events = this.#events.slice(-KEPT_EVENTS);
      this.oldest_version = this.#events[0]!.version;
    }
    return event;
  }

  /** Sees to the next phase of a run that has not ended: each after the one before, also after a restart. */
  #goOn(run: KeptRun): void {
    clearTimeout(this.#timers.get(run.uid));
    if (run.has_vanished) return;
    if (ENDED.has(phaseOf(run))) return this.#fade(run);
    const next =
      run.shutdown === null
        ? nextStep(run.script, phaseOf(run))
        : { phase: "Failed", after_ms: SHUTTING_DOWN_MS, message: `Stopped with strategy '${run.shutdown}'` };
    if (!next) return;
    const timer = setTimeout(
      () => {
        this.#become(run, next.phase, next.message);
        this.#goOn(run);
      },
      Math.max(0, run.history.at(-1)!.at_ms + next.after_ms - Date.now()),
    );
    this.#timers.set(run.uid, timer);
  }

  #fade(run: KeptRun): void {
    if (this.#ttl_ms === null) return;
    const in_ms = Math.max(0, run.history.at(-1)!.at_ms + this.#ttl_ms - Date.now());
    this.#timers.set(
      run.uid,
      setTimeout(() => this.vanish(run), in_ms),
    );
  }
}

export const phaseOf = (run: KeptRun): string => run.history.at(-1)!.phase;

/** The step after the phase that a run is in; a phase that the script does not have is before its first. */
function nextStep({ steps }: Script, phase: string): { phase: string; after_ms: number; message: string } | null {
  const at = steps.findIndex(({ state }) => phaseNamed(state) === phase);
  const step = steps[at + 1];
  return step ? { phase: phaseNamed(step.state), after_ms: step.after_ms, message: step.message ?? "" } : null;
}

/** `running` is `Running`. */
const phaseNamed = (state: string): string => `${state[0]!.toUpperCase()}${state.slice(1).toLowerCase()}`;
