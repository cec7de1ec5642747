import { type Static, Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { OneOf, OrNull, TimeMs } from "./fields.ts";
import { Id } from "./ids.ts";

/** Something that a run made and that is kept elsewhere. */
export const PipelineArtifact = Type.Object({
  name: Type.String({ description: "What the pipeline calls it" }),
  uri: Type.String({ description: "Where it is kept" }),
});
export type PipelineArtifact = Static<typeof PipelineArtifact>;

/** How a run may be told to be. */
export const RUN_STATUSES = ["submitted", "pending", "running", "succeeded", "failed", "error", "cancelled"] as const;
const LAST: readonly string[] = ["succeeded", "failed", "error", "cancelled"];

/** Whether nothing more happens by itself to a run that is so. */
export const isLastStatus = (status: string): boolean => LAST.includes(status);

/**
 * How a run is now. Subject ai.pipeline.status.{request_id}. `succeeded`, `failed`, `error` and `cancelled` are the last
 * ones, unless the run is tried again.
 */
export const pipelineStatus = defineEvent({
  name: "pipeline-status",
  summary: "How a run of a pipeline is now",
  subject: "ai.pipeline.status.{request_id}",
  schema: Type.Object({
    request_id: Id("Names the run"),
    status: OneOf(
      [...RUN_STATUSES],
      "failed: the pipeline did; error: it could not be run, or nobody knows any more how it is",
    ),
    pipeline: Type.String(),
    engine: OrNull(Type.String({ description: "argo, kubeflow or local; null where no engine has the pipeline" })),
    run_id: OrNull(Type.String({ description: "The engine's own name of the run; null before it has one" })),
    message: Type.String({ description: "For people; may be empty" }),
    timestamp_ms: TimeMs("When it became so"),
    seq: Type.Optional(Type.Integer({ minimum: 0, description: "0, 1, 2, … without holes" })),
    code: Type.Optional(Type.String({ description: "What went wrong" })),
    retryable: Type.Optional(Type.Boolean({ description: "Beside code: whether trying again can help" })),
    outputs: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: "On succeeded: the results, by name" }),
    ),
    artifacts: Type.Optional(Type.Array(PipelineArtifact, { description: "What the run made, and where it is kept" })),
  }),
  example: {
    request_id: "r-3",
    status: "succeeded",
    pipeline: "document-ingestion",
    engine: "argo",
    run_id: "gh-4f1c2a9be07d5e3c8a6b1f0d9e2c7b5a4d3f6e81",
    message: "",
    timestamp_ms: 1_763_700_000_000,
    seq: 3,
    outputs: { documents: 12 },
    artifacts: [{ name: "report", uri: "s3://artifacts/r-3/report.html" }],
  },
});

export type PipelineStatus = Value<typeof pipelineStatus>;
