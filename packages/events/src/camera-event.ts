import { type Static, Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { OneOf, OrNull, TimeMs } from "./fields.ts";
import { Id } from "./ids.ts";

const level = OneOf(
  ["low", "medium", "high", "critical"],
  "Derived from the score: low < 30, medium < 60, high < 85, critical",
);

/** How dangerous an event is. `unscored`: the model did not answer yet; an update follows when it does. */
export const Risk = Type.Object({
  status: OneOf(["scored", "unscored"], "Whether a model has judged it"),
  score: OrNull(Type.Integer({ minimum: 0, maximum: 100 })),
  level: OrNull(level),
  summary: Type.String(),
  reasoning: Type.String(),
  recommended_action: Type.String(),
});
export type Risk = Static<typeof Risk>;

const fields = Type.Object({
  event_id: Type.String({ minLength: 1, maxLength: 256 }),
  revision: Type.Integer({ minimum: 0, description: "0, 1, …: a later one replaces the earlier" }),
  camera_id: Id("The camera"),
  started_at_ms: TimeMs("First frame with a kept box"),
  ended_at_ms: OrNull(TimeMs("Last frame with a kept box; null while it goes on")),
  labels: Type.Array(Type.String(), { description: "Distinct, most frequent first" }),
  detection_count: Type.Integer({ minimum: 0, description: "Kept boxes" }),
  close_reason: OrNull(OneOf(["timeout", "idle", "max_size"], "Why the batch was closed")),
  fast_path: Type.Boolean({ description: "Published early, before the batch was closed" }),
  risk: Risk,
  enrichment: Type.Object({
    status: OneOf(["full", "partial", "failed", "skipped"], "How much was learned about it"),
    results: Type.Record(Type.String(), Type.Unknown()),
  }),
  snapshot: Type.Optional(Type.String({ description: "A path on the gateway" })),
});

const example: Static<typeof fields> = {
  event_id: "front-door.f-81",
  revision: 0,
  camera_id: "front-door",
  started_at_ms: 1_763_700_000_000,
  ended_at_ms: 1_763_700_042_000,
  labels: ["person", "dog"],
  detection_count: 17,
  close_reason: "idle",
  fast_path: false,
  risk: {
    status: "scored",
    score: 42,
    level: "medium",
    summary: "A person with a dog at the door",
    reasoning: "One person, daylight",
    recommended_action: "Look at the snapshot",
  },
  enrichment: { status: "skipped", results: {} },
  snapshot: "/api/events/front-door.f-81/snapshot",
};

const id = (event: Static<typeof fields>): string => `${event.event_id}.${event.revision}`;

/** Something happened before a camera. Subject camera.{camera_id}.event.created. */
export const cameraEventCreated = defineEvent({
  name: "camera-event-created",
  summary: "Something happened before a camera",
  subject: "camera.{camera_id}.event.created",
  schema: fields,
  example,
  id,
});

/** More is known of an event. Subject camera.{camera_id}.event.updated. */
export const cameraEventUpdated = defineEvent({
  name: "camera-event-updated",
  summary: "More is known of an event",
  subject: "camera.{camera_id}.event.updated",
  schema: fields,
  example: { ...example, revision: 1 },
  id,
});

/** Something that happened before a camera, at one revision. */
export type CameraEvent = Value<typeof cameraEventCreated>;
