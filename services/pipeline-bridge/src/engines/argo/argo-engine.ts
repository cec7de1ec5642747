import type { GatehouseError } from "@gatehouse/errors";
import type { SharedConfig } from "@gatehouse/runtime";
import {
  EngineAnswerError,
  EngineInDoubtError,
  EngineRefusedError,
  RunGoneError,
  RunNameTakenError,
} from "../../errors.ts";
import type { Asked, Engine, EngineRun, NewEngineRun, PlacedRun, WatchTold } from "../engine.ts";
import type { EngineAnswer } from "../http/engine-server.ts";
import { ArgoApi } from "./argo-api.ts";
import { hasEnded, readWorkflow } from "./read-workflow.ts";
import { isOf } from "./submit-request.ts";
import { WATCH_PACE, type WatchPace, WorkflowWatch } from "./watch-workflows.ts";

export type ArgoSettings = NonNullable<SharedConfig["pipelines"]["argo"]>;

export interface ArgoEngineOptions {
  pace?: WatchPace;
  /** Told of events and list entries that could not be read, and are passed over. */
  skipped?: (error: GatehouseError) => void;
}

/**
 * Argo Workflows over its REST API v1 (3.5 and later). Names are unique in a namespace: whatever came of a submit, it may be
 * repeated, and a 409 leads to the run that is there.
 */
export class ArgoEngine implements Engine {
  readonly name = "argo";
  readonly has_unique_names = true;
  readonly #api: ArgoApi;
  readonly #pace: WatchPace;
  readonly #skipped: (error: GatehouseError) => void;

  constructor({ url, token, ca_file, timeout_ms }: ArgoSettings, options: ArgoEngineOptions = {}) {
    this.#api = new ArgoApi({ url, token: token ?? null, ca_file, timeout_ms });
    this.#pace = options.pace ?? WATCH_PACE;
    this.#skipped = options.skipped ?? (() => undefined);
  }

  async submit(run: NewEngineRun, { signal }: Asked): Promise<EngineRun> {
    const answer = await this.#api.submit(run, signal);
    if (answer.status === 409) return this.#adopt(run, answer, signal);
    const made = this.#read(answer);
    if (made.run_name === run.run_name) return made;
    throw answer.fault(
      EngineAnswerError,
      `the run's name must be the one that was asked for: current value is "${made.run_name}"`,
    );
  }

  async find(run_name: string, namespace: string, { signal }: Asked): Promise<EngineRun[]> {
    const run = await this.#api.run({ run_name, namespace }, signal);
    return run === null ? [] : [run];
  }

  async cancel(run: PlacedRun, { signal }: Asked): Promise<void> {
    const now = await this.#change("terminate", run, signal);
    if (now.refusal !== null && !hasEnded(now.run)) throw now.refusal;
  }

  async retry(run: PlacedRun, { signal }: Asked): Promise<EngineRun> {
    const now = await this.#change("retry", run, signal);
    const goes_on = !hasEnded(now.run) || now.run.status === "succeeded";
    if (now.refusal !== null && !goes_on) throw now.refusal;
    return now.run;
  }

  watch(namespace: string, told: WatchTold, { signal }: Asked): Promise<void> {
    const options = { pace: this.#pace, skipped: this.#skipped, signal };
    return new WorkflowWatch(this.#api, namespace, { told, ...options }).run();
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#api.probe(signal);
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  /** The run that is there by that name, when it was made for this request. */
  async #adopt(run: NewEngineRun, { fault }: EngineAnswer, signal: AbortSignal): Promise<EngineRun> {
    const { run_name, entry } = run;
    const there = await this.#api.workflow({ run_name, namespace: entry.namespace }, signal);
    if (there === null) throw fault(EngineInDoubtError, "the run that it says is there must be found: it is not");
    if (!isOf(there, run))
      throw fault(
        RunNameTakenError,
        `the run "${run_name}" that is there must be of request "${run.request_id}": it is not`,
      );
    return readWorkflow(there, { shapes: this.#api.shapes, fault });
  }

  /** Argo refuses a change for the run's state, with a 400 or a 500: then how the run is decides. @throws {RunGoneError} */
  async #change(verb: "terminate" | "retry", run: PlacedRun, signal: AbortSignal) {
    let refusal: GatehouseError | null = null;
    try {
      const answer = await this.#api.change(verb, run, signal);
      if (answer.status === 404) throw gone(answer, run);
      if (answer.status !== 409) return { run: this.#read(answer), refusal };
      refusal = answer.fault(
        EngineInDoubtError,
        `it must change the run while nothing else does: it says "${answer.words}"`,
      );
    } catch (error) {
      if (!(error instanceof EngineRefusedError || error instanceof EngineInDoubtError)) throw error;
      refusal = error;
    }
    const now = await this.#api.run(run, signal);
    if (now === null) throw new RunGoneError(`Cannot ${verb} run "${run.run_name}" as argo must know it: it does not`);
    return { run: now, refusal };
  }

  #read({ json, fault }: EngineAnswer): EngineRun {
    return readWorkflow(json, { shapes: this.#api.shapes, fault });
  }
}

const gone = ({ fault }: EngineAnswer, { run_name }: PlacedRun): GatehouseError =>
  fault(RunGoneError, `it must know the run "${run_name}": the answer is 404`);
