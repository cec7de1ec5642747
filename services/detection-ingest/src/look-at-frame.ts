import type { CameraDetections, CameraFrame } from "@gatehouse/events";
import { decodeGray, type GrayImage, type ImageFacts, inspectImage, sharpness } from "@gatehouse/media";
import type { MessageContext } from "@gatehouse/runtime";
import type { NewDetection } from "@gatehouse/store";
import { noteView } from "./camera-view.ts";
import { capturedAt } from "./captured-at.ts";
import { keptDetections } from "./detections-kept.ts";
import { keepPicture } from "./frame-media.ts";
import type { Deps } from "./service.ts";
import { type Look, NOTHING_KNOWN } from "./stillness.ts";

/** What is to be kept of a frame; `remember` it when it is kept. */
interface Looked extends Pick<Look, "remember"> {
  found: NewDetection;
}

/** Reads the picture, asks the model where that is worth it, and puts together what is to be kept. */
export async function lookAtFrame(frame: CameraFrame, sha256: string, context: MessageContext<Deps>): Promise<Looked> {
  const { db, stage, trace, delivery, cameras } = context;
  const { camera_id, frame_id } = frame;
  const began_ms = Date.now();
  const { image, gray } = await stage("decode", () => readPicture(frame, context));
  const decode_ms = Date.now() - began_ms;
  await cameras.admit(camera_id, began_ms);
  const time = capturedAt(frame.captured_at_ms, delivery.time_ms);
  const taken = { ...frame, ...time, sha256 };
  const { skipped, scene, remember } = await stage("gate", () => gate(taken, gray, context));
  const found = skipped ? NOT_ASKED : await stage("infer", () => askDetector(frame, image, context));
  const keys = skipped ? {} : await stage("media", () => keepMoving(taken, found, context));
  const seen = scene && { camera_id, frame_id, captured_at_ms: time.captured_at_ms, scene };
  if (seen) await stage("scene", () => noteView(db, seen, trace()));
  const set: CameraDetections = {
    frame_id,
    camera_id,
    ...time,
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
  return { found: { set, sha256, ...keys }, remember };
}

type Found = Pick<CameraDetections, "model" | "detections"> & { infer_ms: number };
const NOT_ASKED: Found = { model: null, detections: [], infer_ms: 0 };

/** A frame whose time is the one that is believed, with the hash of its picture. */
type TakenFrame = CameraFrame & { sha256: string };

/** What the picture is; its pixels only where a gate looks at them. */
async function readPicture(
  { image: bytes, media_type }: CameraFrame,
  { rules, stillness, signal }: MessageContext<Deps>,
): Promise<{ image: ImageFacts; gray: GrayImage | null }> {
  const image = inspectImage(bytes, { declared: media_type });
  const looked_at = stillness.enabled || rules.min_sharpness > 0;
  return { image, gray: looked_at ? await decodeGray(bytes, image, { signal }) : null };
}

interface Gate extends Pick<Look, "scene" | "remember"> {
  skipped?: NonNullable<CameraDetections["skipped"]>;
}

/** Whether the model needs to be asked, and what the camera shows: a cover, too, is blurred or a duplicate. */
async function gate(
  { camera_id, frame_id, captured_at_ms, sha256 }: TakenFrame,
  gray: GrayImage | null,
  { duplicates, stillness, rules }: Deps,
): Promise<Gate> {
  const duplicate = await duplicates.seen(camera_id, frame_id, sha256);
  const { still, scene, remember } = gray ? await stillness.look(camera_id, gray, captured_at_ms) : NOTHING_KNOWN;
  if (duplicate) return { skipped: "duplicate", scene, remember };
  if (gray && sharpness(gray) < rules.min_sharpness) return { skipped: "blurred", scene, remember };
  return still ? { skipped: "still", scene, remember } : { scene, remember };
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
function keepMoving(frame: TakenFrame, { detections }: Found, { media, log }: MessageContext<Deps>) {
  return keepPicture(media, frame, { found: detections.length > 0, log });
}
