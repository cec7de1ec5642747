import { cameraDetections, cameraFrame, cameraStatus, wildcardOf } from "@gatehouse/events";
import { consumer, DAY, HOUR, MB, type StreamDeclaration, stream } from "./declaration.ts";
import type { StreamSettings } from "./settings.ts";

/** The queue of pictures: full, it refuses at the door. */
export const cameraFrames = ({ frames_h, frames_mb }: StreamSettings): StreamDeclaration =>
  stream("CAMERA_FRAMES", [wildcardOf(cameraFrame)], {
    retention: "workqueue",
    discard: "new",
    max_age_ms: frames_h * HOUR,
    max_bytes: frames_mb * MB,
    consumers: [
      consumer("detection-ingest", wildcardOf(cameraFrame), {
        kind: "slow",
        in_flight: 16,
        give_up_after_ms: (frames_h * HOUR) / 2,
      }),
    ],
  });

export const cameraDetectionSets = ({ detections_d }: StreamSettings): StreamDeclaration =>
  stream("CAMERA_DETECTIONS", [wildcardOf(cameraDetections)], {
    max_age_ms: detections_d * DAY,
    max_bytes: 1024 * MB,
    consumers: [
      consumer("enrichment", wildcardOf(cameraDetections), {
        kind: "fast",
        in_flight: 32,
        give_up_after_ms: (detections_d * DAY) / 2,
      }),
    ],
  });

export const cameraStates = (): StreamDeclaration =>
  stream("CAMERA_STATE", [wildcardOf(cameraStatus)], {
    max_age_ms: 365 * DAY,
    max_bytes: 16 * MB,
    max_msgs_per_subject: 1,
  });

export const securityEvents = ({ events_d }: StreamSettings): StreamDeclaration =>
  stream("SECURITY_EVENTS", ["camera.*.event.>", "alert.>"], {
    max_age_ms: events_d * DAY,
    max_bytes: 512 * MB,
    consumers: [
      consumer("chat-handler-events", "camera.*.event.>", {
        kind: "fast",
        in_flight: 16,
        give_up_after_ms: (events_d * DAY) / 2,
      }),
      // What happened before there were joins fires none.
      consumer("pipeline-bridge-events", "camera.*.event.>", {
        kind: "fast",
        in_flight: 16,
        deliver: "new",
        give_up_after_ms: (events_d * DAY) / 2,
      }),
    ],
  });
