import type { PipelineArtifact } from "@gatehouse/events";
import type { CatalogueEntry, EngineName } from "@gatehouse/runtime";

export type { CatalogueEntry, EngineName };

/** How a run is, in an engine's own words; `submitted` is ours. */
export type RunStatus = "pending" | "running" | "succeeded" | "failed" | "error" | "cancelled";

/** A run as its engine tells it. */
export interface EngineRun {
  /** `gh-` and 40 hex digits of the SHA-256 of its request_id. */
  readonly run_name: string;
  /** argo, local: the name; kubeflow: the server's. */
  readonly run_id: string;
  readonly status: RunStatus;
  /** For people; may be empty. */
  readonly message: string;
  /**
   * Rises with every change that the engine makes: argo's resourceVersion, kubeflow's last update_time in milliseconds,
   * local's updated_at_ms. What is not newer than what was seen is old news, so that events out of order and pollers
   * that were paused tell nothing twice. 0: nothing is known of it but that it is there.
   */
  readonly version: number;
  readonly created_at_ms: number;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  /** At most 64 KiB as JSON. */
  readonly outputs: Record<string, unknown> | null;
  /** At most 100. */
  readonly artifacts: readonly PipelineArtifact[];
}

/** A run that an engine is to make. */
export interface NewEngineRun {
  readonly run_name: string;
  readonly request_id: string;
  readonly pipeline: string;
  readonly entry: CatalogueEntry;
  readonly parameters: Record<string, unknown>;
}

/** A run that an engine has. */
export interface PlacedRun {
  readonly run_name: string;
  readonly run_id: string;
  readonly namespace: string;
}

/** Who is told what a watch sees. */
export interface WatchTold {
  /** The runs that are open now, oldest first: there may be more than a moment ago. */
  open(): Promise<PlacedRun[]>;
  run(run: EngineRun): Promise<void>;
  /** The engine does not know a run that is open, or it is open although its end was told: it is to be looked for. */
  gone(run: PlacedRun): Promise<void>;
  /** The engine does not say how an open run is, or not so that it can be read, while it tells of others: asked again. Once. */
  unread?(run: PlacedRun, why: Error): void;
}

/** Whose work it is must end when the signal aborts. */
export interface Asked {
  readonly signal: AbortSignal;
}

/** Something that runs pipelines. Every call may throw what `errors.ts` says of engines. */
export interface Engine {
  readonly name: EngineName;
  /** True: a submit that may have been applied is simply repeated: a second one is refused, and the first adopted. */
  readonly has_unique_names: boolean;
  /** Makes a run, or adopts the one that is there by that name. @throws {RunNameTakenError} that one is not ours */
  submit(run: NewEngineRun, asked: Asked): Promise<EngineRun>;
  /** All runs of that name, oldest first. */
  find(run_name: string, namespace: string, asked: Asked): Promise<EngineRun[]>;
  /** Has a run end; resolves also when it had ended. @throws {RunGoneError} */
  cancel(run: PlacedRun, asked: Asked): Promise<void>;
  /** Has a failed run go on; resolves with how it is then, also when it went on already. @throws {RunGoneError} */
  retry(run: PlacedRun, asked: Asked): Promise<EngineRun>;
  /**
   * Tells how the open runs of a namespace are: each once at first, then what changes. Goes on until the signal aborts
   * (resolves) or the engine is away (throws); a watch that ends is reopened inside.
   */
  watch(namespace: string, told: WatchTold, asked: Asked): Promise<void>;
  /** Resolves when the engine answers. */
  probe(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
