import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { OneOf, TimeMs } from "./fields.ts";
import { Id } from "./ids.ts";

/** Whether a camera delivers. Subject camera.{camera_id}.status. The last one is kept. */
export const cameraStatus = defineEvent({
  name: "camera-status",
  summary: "Whether a camera delivers",
  subject: "camera.{camera_id}.status",
  schema: Type.Object({
    camera_id: Id("The camera"),
    status: OneOf(["online", "degraded", "offline"], "What it is now"),
    scene: Type.Optional(
      OneOf(["same", "blocked", "angle_changed"], "What it shows: nothing, another place, or the same as before"),
    ),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    timestamp_ms: TimeMs("Since when"),
  }),
  example: { camera_id: "front-door", status: "online", timestamp_ms: 1_763_700_000_000 },
});

export type CameraStatus = Value<typeof cameraStatus>;
