import { randomUUID } from "node:crypto";
import { Journal } from "./journal.ts";
import type { Script } from "./switches.ts";

/** What a client gives a new run. */
export interface GivenRun {
  display_name: string;
  description?: string;
  experiment_id?: string;
  service_account?: string;
  pipeline_version_reference: { pipeline_id: string; pipeline_version_id?: string };
  runtime_config?: { parameters?: Record<string, unknown>; pipeline_root?: string };
}

/** A run as it is kept. Real times, where what is told has whole seconds, as Kubeflow's database. */
export interface KeptRun {
  run_id: string;
  given: GivenRun;
  created_at_ms: number;
  history: { state: string; at_ms: number; message: string }[];
  terminate_asked_at_ms: number | null;
  outputs: Script["artifacts"];
  has_vanished: boolean;
}

type Entry =
  | { kind: "created"; run_id: string; given: GivenRun; script: Script; at_ms: number; late: string | null }
  | { kind: "state"; run_id: string; state: string; message: string; at_ms: number }
  | { kind: "terminate"; run_id: string; at_ms: number }
  | { kind: "retried"; run_id: string; script: Script }
  | { kind: "vanished"; run_id: string }
  | LatePost;

interface LatePost {
  kind: "late";
  id: string;
  given: GivenRun;
  script: Script;
  apply_at_ms: number;
}

export const ENDED: ReadonlySet<string> = new Set(["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"]);
/** From `CANCELING` to `CANCELED`. */
const CANCELLING_MS = 50;

/** The runs of a Kubeflow that is none: kept in a file, going through their scripts by themselves. */
export class KubeflowRuns {
  readonly #journal: Journal<Entry>;
  readonly #runs = new Map<string, KeptRun>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #scripts = new Map<string, Script>();
  /** Posts that are still to be applied, by their ids. */
  readonly #late = new Map<string, LatePost>();

  constructor(file: string) {
    this.#journal = new Journal(file);
    for (const entry of this.#journal.read()) this.#apply(entry);
    for (const run of this.#runs.values()) this.#goOn(run);
    for (const entry of this.#late.values()) this.#applyInTime(entry);
  }

  create(given: GivenRun, script: Script, late: string | null = null): KeptRun {
    const run_id = randomUUID();
    this.#record({ kind: "created", run_id, given, script, at_ms: Date.now(), late });
    const run = this.#runs.get(run_id)!;
    this.#goOn(run);
    return run;
  }

  createLater(given: GivenRun, script: Script, late_ms: number): void {
    const entry = { kind: "late", id: randomUUID(), given, script, apply_at_ms: Date.now() + late_ms } as const;
    this.#record(entry);
    this.#applyInTime(entry);
  }

  /** Applies at once what is still to be applied. */
  applyLate(): void {
    for (const entry of [...this.#late.values()]) this.#applyInTime({ ...entry, apply_at_ms: 0 });
  }

  /** Undefined where there is none, or none any more. */
  find(run_id: string): KeptRun | undefined {
    const run = this.#runs.get(run_id);
    return run?.has_vanished ? undefined : run;
  }

  /** Oldest first, also those that vanished. */
  all(): KeptRun[] {
    return [...this.#runs.values()];
  }

  /** False where it has ended, or is about to. */
  terminate(run: KeptRun): boolean {
    if (ENDED.has(stateOf(run)) || run.terminate_asked_at_ms !== null) return false;
    this.#record({ kind: "terminate", run_id: run.run_id, at_ms: Date.now() });
    this.#become(run, "CANCELING");
    this.#goOn(run);
    return true;
  }

  /** False unless it failed or was cancelled. */
  retry(run: KeptRun, script: Script): boolean {
    if (!["FAILED", "CANCELED"].includes(stateOf(run))) return false;
    this.#record({ kind: "retried", run_id: run.run_id, script });
    this.#become(run, "RUNNING");
    this.#goOn(run);
    return true;
  }

  vanish(run: KeptRun): void {
    clearTimeout(this.#timers.get(run.run_id));
    this.#record({ kind: "vanished", run_id: run.run_id });
  }

  stop(): void {
    for (const each of this.#timers.values()) clearTimeout(each);
  }

  #become(run: KeptRun, state: string, message = ""): void {
    this.#record({ kind: "state", run_id: run.run_id, state, message, at_ms: Date.now() });
  }

  #record(entry: Entry): void {
    this.#journal.write(entry);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    if (entry.kind === "late") {
      this.#late.set(entry.id, entry);
      return;
    }
    if (entry.kind === "created") {
      const { run_id, given, script, at_ms, late } = entry;
      if (late !== null) this.#late.delete(late);
      const history = [{ state: "PENDING", at_ms, message: "" }];
      const fresh = { terminate_asked_at_ms: null, outputs: script.artifacts, has_vanished: false };
      this.#runs.set(run_id, { run_id, given, created_at_ms: at_ms, history, ...fresh });
      this.#scripts.set(run_id, script);
      return;
    }
    const run = this.#runs.get(entry.run_id)!;
    if (entry.kind === "state") run.history.push({ state: entry.state, at_ms: entry.at_ms, message: entry.message });
    else if (entry.kind === "terminate") run.terminate_asked_at_ms = entry.at_ms;
    else if (entry.kind === "vanished") run.has_vanished = true;
    else {
      run.terminate_asked_at_ms = null;
      this.#scripts.set(run.run_id, entry.script);
    }
  }

  /** Sees to the next state of a run that has not ended: each after the one before, also after a restart. */
  #goOn(run: KeptRun): void {
    clearTimeout(this.#timers.get(run.run_id));
    if (run.has_vanished || ENDED.has(stateOf(run))) return;
    const next =
      stateOf(run) === "CANCELING" && run.terminate_asked_at_ms !== null
        ? { state: "CANCELED", after_ms: CANCELLING_MS, message: "" }
        : nextStep(this.#scripts.get(run.run_id)!, stateOf(run));
    if (!next) return;
    const in_ms = Math.max(0, run.history.at(-1)!.at_ms + next.after_ms - Date.now());
    const timer = setTimeout(() => {
      this.#become(run, next.state, next.message);
      this.#goOn(run);
    }, in_ms);
    this.#timers.set(run.run_id, timer);
  }

  #applyInTime({ id, given, script, apply_at_ms }: LatePost): void {
    clearTimeout(this.#timers.get(id));
    const timer = setTimeout(() => this.create(given, script, id), Math.max(0, apply_at_ms - Date.now()));
    this.#timers.set(id, timer);
  }
}

export function stateOf(run: KeptRun): string {
  return run.history.at(-1)!.state;
}

/** The step after the state that a run is in; a state that the script does not have is before its first. */
function nextStep({ steps }: Script, state: string): { state: string; after_ms: number; message: string } | null {
  const at = steps.findIndex((step) => step.state.toUpperCase() === state);
  const step = steps[at + 1];
  return step ? { state: step.state.toUpperCase(), after_ms: step.after_ms, message: step.message ?? "" } : null;
}
