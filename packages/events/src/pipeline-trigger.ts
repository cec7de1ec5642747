import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Id } from "./ids.ts";

/** A pipeline shall run once. Subject ai.pipeline.trigger. */
export const pipelineTrigger = defineEvent({
  name: "pipeline-trigger",
  summary: "A pipeline shall run once",
  subject: "ai.pipeline.trigger",
  schema: Type.Object({
    request_id: Id("Names the run"),
    pipeline: Type.String({ minLength: 1, maxLength: 128 }),
    parameters: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
  }),
  example: { request_id: "r-3", pipeline: "document-ingestion", parameters: { collection: "house" } },
});

export type PipelineTrigger = Value<typeof pipelineTrigger>;
