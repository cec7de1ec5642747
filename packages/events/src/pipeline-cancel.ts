import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Id } from "./ids.ts";

/** A run is no longer wanted. Subject ai.pipeline.cancel. */
export const pipelineCancel = defineEvent({
  name: "pipeline-cancel",
  summary: "A run is no longer wanted",
  subject: "ai.pipeline.cancel",
  schema: Type.Object({ request_id: Id("Names the run") }),
  example: { request_id: "r-3" },
});

export type PipelineCancel = Value<typeof pipelineCancel>;
