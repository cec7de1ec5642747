import { hash } from "node:crypto";
import { type CameraFrame, cameraDetections, cameraFrame } from "@gatehouse/events";
import type { MediaStore } from "@gatehouse/media";
import type { Detector } from "@gatehouse/models";
import { ack, defineService, input, type MessageContext, type Verdict } from "@gatehouse/runtime";
import type { Database, DetectionRow, DetectionStore } from "@gatehouse/store";
import { bothOf } from "./both-of.ts";
import { tellStatus } from "./camera-view.ts";
import { config } from "./config.ts";
import type { KeepRule } from "./detections-kept.ts";
import { createFolderDoor, folderDoor } from "./doors/folder.ts";
import type { FolderFaults } from "./doors/folder-faults.ts";
import type { Duplicates } from "./duplicates.ts";
import { FrameIdReusedError } from "./errors.ts";
import { forgetDetections } from "./forget-old.ts";
import { keepThumbnail } from "./frame-media.ts";
import type { KnownCameras } from "./known-cameras.ts";
import { lookAtFrame } from "./look-at-frame.ts";
import { type ReadPicture, readPicture } from "./read-picture.ts";
import { start } from "./start.ts";
import type { Look, Stillness } from "./stillness.ts";

/** What the flow leans on. */
export interface Deps {
  readonly db: Database;
  readonly detections: DetectionStore;
  readonly detector: Detector;
  readonly cameras: KnownCameras;
  readonly duplicates: Duplicates;
  readonly stillness: Stillness;
  readonly media: MediaStore;
  readonly rules: KeepRule & { min_sharpness: number; keep_days: number };
  readonly folder_faults: FolderFaults;
}

/** Frames in, detections out. At least once per frame; every step is keyed by camera and frame, so a repeat changes nothing. */
export async function detectFrame(frame: CameraFrame, context: MessageContext<Deps>): Promise<Verdict> {
  const { detections, stage } = context;
  const { camera_id, frame_id } = frame;
  const sha256 = hash("sha256", frame.image);
  const reading = readAhead(frame, context);
  const before = samePicture(frame, sha256, await stage("lookup", () => detections.find(camera_id, frame_id)));
  const { row, remember } = before
    ? { row: before, remember: nothing }
    : await keepOnce(frame, sha256, reading, context);
  const remembered = remember();
  await bothOf(row.published_seq === null ? publishOnce(frame, row, context) : nothing(), remembered);
  return ack;
}

/** The thumbnail is made behind the publishing, which waits for nothing that is not in the event. Whoever comes after a death makes it again. */
async function publishOnce(frame: CameraFrame, row: DetectionRow, context: MessageContext<Deps>): Promise<void> {
  const { camera_id, frame_id, set, sha256, captured_at_ms, created_at_ms } = row;
  const { detections, publish, stage } = context;
  const [{ seq }, thumbnail_key] = await bothOf(
    stage("publish", () => publish(cameraDetections, set, { created_at_ms })),
    set.detections.length === 0
      ? nothing()
      : stage("thumbnail", () => keepThumbnail({ ...frame, sha256, captured_at_ms }, context)),
  );
  await stage("mark", () => detections.markPublished(camera_id, frame_id, seq, thumbnail_key));
}

const nothing = async (): Promise<undefined> => undefined;

/** Begins to read the picture while the frame is looked up; whoever needs it learns what is wrong with it. */
function readAhead(frame: CameraFrame, context: MessageContext<Deps>): Promise<ReadPicture> {
  const reading = readPicture(frame, context);
  reading.catch(nothing);
  return reading;
}

async function keepOnce(
  frame: CameraFrame,
  sha256: string,
  reading: Promise<ReadPicture>,
  context: MessageContext<Deps>,
): Promise<{ row: DetectionRow; remember: Look["remember"] }> {
  const { found, remember } = await lookAtFrame({ ...frame, sha256 }, reading, context);
  const kept = await context.stage("persist", () => context.detections.keep(found));
  return { row: samePicture(frame, sha256, kept)!, remember };
}

function samePicture(
  { camera_id, frame_id }: CameraFrame,
  sha256: string,
  row: DetectionRow | null,
): DetectionRow | null {
  if (row && row.sha256 !== sha256)
    throw new FrameIdReusedError(
      `Cannot take frame "${frame_id}" of camera "${camera_id}" as another picture already has this id`,
    );
  return row;
}

export { createFolderDoor };

export const service = defineService({
  name: "detection-ingest",
  config,
  inputs: [input("detection-ingest", cameraFrame, detectFrame)],
  due: { forget: forgetDetections, status: tellStatus },
  doors: [folderDoor],
  start,
});
