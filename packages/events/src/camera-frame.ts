import { createHash } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { defineEvent, type Received, type Value } from "./define-event.ts";
import { Bytes, OneOf, TimeMs } from "./fields.ts";
import { FrameId, Id, isFrameId } from "./ids.ts";
import { MEDIA_TYPES } from "./sniff-media-type.ts";

/** A picture from a camera. Subject camera.{camera_id}.frame. The body may also be a bare JPEG, PNG or WebP. */
export const cameraFrame = defineEvent({
  name: "camera-frame",
  summary: "A picture from a camera",
  subject: "camera.{camera_id}.frame",
  schema: Type.Object({
    frame_id: FrameId("Unique within its camera"),
    camera_id: Id("The camera"),
    captured_at_ms: TimeMs("When the picture was taken"),
    media_type: OneOf([...MEDIA_TYPES], "What the picture is encoded as"),
    image: Bytes("Encoded JPEG, PNG or WebP, at most 8 MiB"),
    pan: Type.Optional(Type.Number({ description: "Degrees, right is positive" })),
    tilt: Type.Optional(Type.Number({ description: "Degrees, up is positive" })),
    zoom: Type.Optional(Type.Number({ description: "Factor, 1 is wide" })),
  }),
  example: {
    frame_id: "f-81",
    camera_id: "front-door",
    captured_at_ms: 1_763_700_000_000,
    media_type: "image/jpeg",
    image: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
  },
  id: (frame) => `${frame.camera_id}.${frame.frame_id}`,
  fill: (draft, received) => {
    draft.frame_id ??= frameIdFrom(received, String(draft.camera_id));
  },
  fromPicture: (image, media_type, { time_ms }) => ({ captured_at_ms: time_ms, media_type, image }),
});

/** A picture from a camera. */
export type CameraFrame = Value<typeof cameraFrame>;

/** The id of a frame that brought none: from its message id (hashed when it does not fit), else from the broker's time and sequence. */
function frameIdFrom({ msg_id, time_ms, seq }: Received, camera_id: string): string {
  if (!msg_id) return `${time_ms}-${seq}`;
  const id = msg_id.startsWith(`${camera_id}.`) ? msg_id.slice(camera_id.length + 1) : msg_id;
  return isFrameId(id) ? id : createHash("sha256").update(msg_id).digest("hex");
}
