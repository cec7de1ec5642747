import { type CameraFrame, cameraFrame, encode, subjectOf } from "@gatehouse/events";
import type { Sink } from "./sink.ts";

/** Sends a body to a subject of the bus under a message id; resolves when the broker has it. */
export type Publish = (subject: string, body: Uint8Array, id: string) => Promise<void>;

/** A camera on the bus: publishes every frame to `camera.{camera_id}.frame`. The truth stays here. */
export function publishSink(publish: Publish): Sink {
  return async ({ camera_id, frame_id, captured_at_ms, jpeg }) => {
    const frame: CameraFrame = { camera_id, frame_id, captured_at_ms, media_type: "image/jpeg", image: jpeg };
    await publish(subjectOf(cameraFrame, frame), encode(frame), `${camera_id}.${frame_id}`);
  };
}
