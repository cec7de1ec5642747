import { once } from "node:events";
import { ModelLoadError, ModelMissingError, ModelNotReadyError } from "../errors.ts";
import { fateOf } from "../failing.ts";
import type { DoorFailures } from "../failures.ts";
import { type ServedModel, servedVersion } from "./served-model.ts";

/** What can be seen of a model, as Triton's repository says it. */
interface ModelState {
  name: string;
  version: string;
  state: "READY" | "UNAVAILABLE" | "LOADING" | "UNLOADING";
  reason: string;
}

export interface RepositoryOptions {
  /** `latency_ms` is how long loading takes; `out_of_memory` and `error_rate` let it fail; `hang` never ends it. */
  failures: DoorFailures;
  random: () => number;
  /** Ends what still loads. */
  signal: AbortSignal;
}

interface Entry extends ModelState {
  model: ServedModel;
}

/** The models of a server and whether each is loaded: all are at the start. */
export class Repository {
  readonly #entries = new Map<string, Entry>();
  readonly #options: RepositoryOptions;

  constructor(models: readonly ServedModel[], options: RepositoryOptions) {
    this.#options = options;
    for (const model of models)
      this.#entries.set(model.name, { name: model.name, version: servedVersion, state: "READY", reason: "", model });
  }

  index({ ready = false }: { ready?: boolean | undefined } = {}): ModelState[] {
    const states = [...this.#entries.values()].map(({ model: _, ...state }) => state);
    return ready ? states.filter(({ state }) => state === "READY") : states;
  }

  isReady(name: string, version = ""): boolean {
    return this.#entry(name, version).state === "READY";
  }

  /** A model that may be asked. @throws {ModelMissingError} @throws {ModelNotReadyError} */
  ready(name: string, version = ""): ServedModel {
    const { model, state, reason } = this.#entry(name, version);
    if (state === "READY") return model;
    throw new ModelNotReadyError(
      `Cannot ask model "${name}" as it must be READY: current state is ${state}${reason && `, ${reason}`}`,
    );
  }

  /** Loads a model, or loads it again. @throws {ModelMissingError} @throws {ModelLoadError} */
  async load(name: string): Promise<void> {
    const entry = this.#entry(name);
    Object.assign(entry, { state: "LOADING", reason: "" });
    try {
      const { failures, random, signal } = this.#options;
      const fate = await fateOf(failures, { random, signal });
      if (fate === "hangs" && !signal.aborted) await once(signal, "abort");
      signal.throwIfAborted();
      entry.state = "READY";
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      Object.assign(entry, { state: "UNAVAILABLE", reason });
      throw new ModelLoadError(`Cannot load model "${name}": ${reason}`, { cause });
    }
  }

  /** Unloads a model; one that is not loaded stays so. @throws {ModelMissingError} */
  unload(name: string): void {
    Object.assign(this.#entry(name), { state: "UNAVAILABLE", reason: "unloaded" });
  }

  #entry(name: string, version = ""): Entry {
    const entry = this.#entries.get(name);
    if (entry && (version === "" || version === servedVersion)) return entry;
    const wanted = version === "" ? `"${name}"` : `"${name}" version "${version}"`;
    throw new ModelMissingError(`Cannot find model ${wanted}: known are ${[...this.#entries.keys()].join(", ")}`);
  }
}
