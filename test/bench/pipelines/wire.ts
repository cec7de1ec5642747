/** Who has a run made: the pipeline-bridge, from a trigger on the bus; a bare `fetch`. */
export const SIDES = ["ours", "bare"] as const;
export type Side = (typeof SIDES)[number];
export const ENGINES = ["argo", "kubeflow"] as const;
export type EngineKind = (typeof ENGINES)[number];

/** The pipeline of an engine, which is also its template or pipeline id. */
export const PIPELINE = { argo: "batch-inference", kubeflow: "rag-query" } as const;
export const NAMESPACE = "ai";

/** One turn of a side. */
export interface Turn {
  side: Side;
  engine: EngineKind;
  /** Names its requests. */
  batch: string;
  runs: number;
  /** Null: all at once, as many of them at a time as the bridge has. */
  per_s: number | null;
}

/** What a turn took. */
export interface Taken {
  elapsed_ms: number;
  /** Of each run, from its trigger to `submitted`, or to the engine's answer. */
  submitted_ms: number[];
}
