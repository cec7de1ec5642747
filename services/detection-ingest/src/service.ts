import { createHash } from "node:crypto";
import { type CameraFrame, cameraDetections, cameraFrame } from "@gatehouse/events";
import type { MediaStore } from "@gatehouse/media";
import type { Detector } from "@gatehouse/models";
import { ack, defineService, input, type MessageContext, type Verdict } from "@gatehouse/runtime";
import type { Database, DetectionRow, DetectionStore } from "@gatehouse/store";
import { tellStatus } from "./camera-view.ts";
import { config } from "./config.ts";
import type { KeepRule } from "./detections-kept.ts";
import { createFolderDoor, folderDoor } from "./doors/folder.ts";
import type { FolderFaults } from "./doors/folder-faults.ts";
import type { Duplicates } from "./duplicates.ts";
import { FrameIdReusedError } from "./errors.ts";
import { forgetDetections } from "./forget-old.ts";
import type { KnownCameras } from "./known-cameras.ts";
import { lookAtFrame } from "./look-at-frame.ts";
import { start } from "./start.ts";
import type { Stillness } from "./stillness.ts";

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
  const { detections, publish, stage } = context;
  const sha256 = createHash("sha256").update(frame.image).digest("hex");
  const kept =
    samePicture(frame, sha256, await stage("lookup", () => detections.find(frame.camera_id, frame.frame_id))) ??
    samePicture(frame, sha256, await keepOnce(frame, sha256, context));
  if (kept!.published_seq !== null) return ack;
  const { seq } = await stage("publish", () =>
    publish(cameraDetections, kept!.set, { created_at_ms: kept!.created_at_ms }),
  );
  await stage("mark", () => detections.markPublished(frame.camera_id, frame.frame_id, seq));
  return ack;
}

async function keepOnce(frame: CameraFrame, sha256: string, context: MessageContext<Deps>): Promise<DetectionRow> {
  const { found, remember } = await lookAtFrame(frame, sha256, context);
  const kept = await context.stage("persist", () => context.detections.keep(found));
  await remember();
  return kept;
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
