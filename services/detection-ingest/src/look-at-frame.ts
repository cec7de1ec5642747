import type { CameraDetections, CameraFrame } from "@gatehouse/events";
import { checkImage, type ImageFacts, sharpness } from "@gatehouse/media";
import type { MessageContext } from "@gatehouse/runtime";
import type { NewDetection } from "@gatehouse/store";
import { capturedAt } from "./captured-at.ts";
import { keptDetections } from "./detections-kept.ts";
import { keepPicture } from "./frame-media.ts";
import type { Deps } from "./service.ts";

/** Reads the picture, asks the model where that is worth it, and puts together what is to be kept. */
export async function lookAtFrame(
  frame: CameraFrame,
  sha256: string,
  context: MessageContext<Deps>,
): Promise<NewDetection> {
  const { stage, delivery, cameras, signal } = context;
  const began_ms = Date.now();
  const image = await stage("decode", () => checkImage(frame.image, { declared: frame.media_type, signal }));
  const decode_ms = Date.now() - began_ms;
  await cameras.admit(frame.camera_id, began_ms);
  const { skipped, remember } = await stage("gate", () => gate(frame, image, sha256, context));
  const found = skipped ? NOT_ASKED : await stage("infer", () => askDetector(frame, image, context));
  const taken = capturedAt(frame.captured_at_ms, delivery.time_ms);
  const keys = skipped ? {} : await stage("media", () => keepMoving({ ...frame, ...taken, sha256 }, found, context));
  await remember();
  const set: CameraDetections = {
    frame_id: frame.frame_id,
    camera_id: frame.camera_id,
    ...taken,
    model: found.model,
    image: { width: image.width, height: image.height },
    detections: found.detections,
    ...(skipped ? { skipped } : {}),
    timings_ms: {
      queue: Math.max(0, began_ms - delivery.time_ms),
      decode: decode_ms,
      infer: found.infer_ms,
      total: Math.max(0, Date.now() - delivery.time_ms),
    },
  };
  return { set, sha256, ...keys };
}

type Found = Pick<CameraDetections, "model" | "detections"> & { infer_ms: number };
const NOT_ASKED: Found = { model: null, detections: [], infer_ms: 0 };

interface Gate {
  skipped?: NonNullable<CameraDetections["skipped"]>;
  /** Takes the picture into the camera's background, once the frame is through. */
  remember(): Promise<void>;
}

/** Whether the model needs to be asked. */
async function gate(
  frame: CameraFrame,
  { gray }: ImageFacts,
  sha256: string,
  { duplicates, stillness, rules }: Deps,
): Promise<Gate> {
  const forget = async () => undefined;
  if (await duplicates.seen(frame.camera_id, frame.frame_id, sha256)) return { skipped: "duplicate", remember: forget };
  if (sharpness(gray) < rules.min_sharpness) return { skipped: "blurred", remember: forget };
  const { still, remember } = await stillness.look(frame.camera_id, gray);
  return still ? { skipped: "still", remember } : { remember };
}

async function askDetector(
  frame: CameraFrame,
  { width, height }: ImageFacts,
  { detector, rules, signal }: MessageContext<Deps>,
): Promise<Found> {
  const picture = { bytes: frame.image, media_type: frame.media_type, width, height, source: frame.camera_id };
  const answer = await detector.detect(picture, { signal });
  return { ...answer, detections: keptDetections(answer.detections, rules, `${frame.camera_id}.${frame.frame_id}`) };
}

/** What moved is kept, where snapshots and replay read it. */
function keepMoving(
  frame: CameraFrame & { sha256: string },
  { detections }: Found,
  { media, log }: MessageContext<Deps>,
) {
  return keepPicture(media, frame, { found: detections.length > 0, log });
}
