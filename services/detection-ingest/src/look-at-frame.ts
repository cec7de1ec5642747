import type { CameraDetections, CameraFrame } from "@gatehouse/events";
import { type ImageFacts, sharpness } from "@gatehouse/media";
import type { MessageContext } from "@gatehouse/runtime";
import type { NewDetection } from "@gatehouse/store";
import { bothOf } from "./both-of.ts";
import { noteView } from "./camera-view.ts";
import { capturedAt } from "./captured-at.ts";
import { keptDetections } from "./detections-kept.ts";
import { keepPicture } from "./frame-media.ts";
import type { ReadPicture } from "./read-picture.ts";
import type { Deps } from "./service.ts";
import type { Look } from "./stillness.ts";

/** What is to be kept of a frame; `remember` it when it is kept. */
interface Looked extends Pick<Look, "remember"> {
  found: NewDetection;
}

/** A frame whose time is the one that is believed, with the hash of its picture. */
export type TakenFrame = CameraFrame & { sha256: string };

/** Asks the model where the picture is worth it, and puts together what is to be kept. The gates ask Redis while the picture is read. */
export async function lookAtFrame(
  frame: CameraFrame & { sha256: string },
  reading: Promise<ReadPicture>,
  context: MessageContext<Deps>,
): Promise<Looked> {
  const { db, stage, trace, delivery, cameras } = context;
  const { camera_id, frame_id, sha256 } = frame;
  const began_ms = Date.now();
  const time = capturedAt(frame.captured_at_ms, delivery.time_ms);
  const taken = { ...frame, ...time };
  const [{ image, decode_ms }, { skipped, scene, remember }] = await bothOf(
    admitted(reading, () => cameras.admit(camera_id, began_ms)),
    stage("gate", () => gate(taken, reading, context)),
  );
  const { model, detections, infer_ms, ...keys } = skipped ? NOT_ASKED : await askAndKeep(taken, image, context);
  const seen = scene && { camera_id, frame_id, captured_at_ms: time.captured_at_ms, scene };
  if (seen) await stage("scene", () => noteView(db, seen, trace()));
  const set: CameraDetections = {
    frame_id,
    camera_id,
    ...time,
    model,
    image: { width: image.width, height: image.height },
    detections,
    ...(skipped ? { skipped } : {}),
    timings_ms: {
      queue: Math.max(0, began_ms - delivery.time_ms),
      decode: decode_ms,
      infer: infer_ms,
      total: Math.max(0, Date.now() - delivery.time_ms),
    },
  };
  return { found: { set, sha256, ...keys }, remember };
}

/** A camera becomes known by a picture that can be read. */
async function admitted(reading: Promise<ReadPicture>, admit: () => Promise<void>): Promise<ReadPicture> {
  const read = await reading;
  await admit();
  return read;
}

type Found = Pick<CameraDetections, "model" | "detections"> & { infer_ms: number };
const NOT_ASKED: Found = { model: null, detections: [], infer_ms: 0 };

interface Gate extends Pick<Look, "scene" | "remember"> {
  skipped?: NonNullable<CameraDetections["skipped"]>;
}

/** Whether the model needs to be asked, and what the camera shows: a cover, too, is blurred or a duplicate. */
async function gate(
  { camera_id, frame_id, captured_at_ms, sha256 }: TakenFrame,
  reading: Promise<ReadPicture>,
  { duplicates, stillness, rules }: Deps,
): Promise<Gate> {
  const [duplicate, { still, scene, remember }, { gray }] = await Promise.all([
    duplicates.seen(camera_id, frame_id, sha256),
    stillness.look(
      camera_id,
      reading.then(({ gray }) => gray),
      captured_at_ms,
    ),
    reading,
  ]);
  if (duplicate) return { skipped: "duplicate", scene, remember };
  if (gray && sharpness(gray) < rules.min_sharpness) return { skipped: "blurred", scene, remember };
  return still ? { skipped: "still", scene, remember } : { scene, remember };
}

/** Asks the model, and keeps the picture meanwhile: what moved is where snapshots and replay read it. */
async function askAndKeep(frame: TakenFrame, image: ImageFacts, context: MessageContext<Deps>) {
  const [found, media_key] = await bothOf(
    context.stage("infer", () => askDetector(frame, image, context)),
    context.stage("media", () => keepPicture(frame, context)),
  );
  return { ...found, media_key };
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
