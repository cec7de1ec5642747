import { type Static, Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Box, OneOf, OrNull, TimeMs, Unit } from "./fields.ts";
import { FrameId, Id } from "./ids.ts";

/** Which model gave an answer. */
export const ModelRef = Type.Object({
  name: Type.String(),
  version: Type.String(),
  backend: Type.String({ description: "What answered: http-detect, openai, reference, …" }),
});
export type ModelRef = Static<typeof ModelRef>;

/** One object found in a picture. */
export const Detection = Type.Object({
  detection_id: Type.String({ minLength: 1, maxLength: 256, description: "{camera_id}.{frame_id}.{index}" }),
  label: Type.String({ minLength: 1, maxLength: 64 }),
  confidence: Unit("0..1"),
  box: Box,
  track_id: Type.Optional(Type.String({ maxLength: 128 })),
});
export type Detection = Static<typeof Detection>;

const ms = (description: string) => Type.Number({ minimum: 0, description });

/** What was found in one frame. Subject camera.{camera_id}.detections. Exactly one for every stored frame that was not dead-lettered. */
export const cameraDetections = defineEvent({
  name: "camera-detections",
  summary: "What was found in one frame",
  subject: "camera.{camera_id}.detections",
  schema: Type.Object({
    frame_id: FrameId("The frame"),
    camera_id: Id("The camera"),
    captured_at_ms: TimeMs("When the picture was taken, or when the broker took it in if the camera's clock was ahead"),
    clock_skew_ms: Type.Optional(
      Type.Integer({ description: "How far the camera's clock was ahead, when more than 5 minutes" }),
    ),
    model: OrNull(ModelRef),
    image: Type.Object(
      { width: Type.Integer({ minimum: 1 }), height: Type.Integer({ minimum: 1 }) },
      { description: "Pixels of the picture as sent" },
    ),
    detections: Type.Array(Detection),
    skipped: Type.Optional(OneOf(["still", "duplicate", "blurred"], "Why the model was not asked")),
    timings_ms: Type.Object({
      queue: ms("From the broker to the handler"),
      decode: ms("Reading the picture"),
      infer: ms("The model; 0 when it was not asked"),
      total: ms("From the broker to the stored result"),
    }),
  }),
  example: {
    frame_id: "f-81",
    camera_id: "front-door",
    captured_at_ms: 1_763_700_000_000,
    model: { name: "reference-detector", version: "1", backend: "reference" },
    image: { width: 640, height: 480 },
    detections: [
      { detection_id: "front-door.f-81.0", label: "person", confidence: 0.93, box: { x: 0.4, y: 0.2, w: 0.1, h: 0.5 } },
    ],
    timings_ms: { queue: 2, decode: 4, infer: 31, total: 39 },
  },
  id: (set) => `${set.camera_id}.${set.frame_id}.detections`,
});

/** What was found in one frame. */
export type CameraDetections = Value<typeof cameraDetections>;
