import { join } from "node:path";
import type { CameraFrame } from "@gatehouse/events";
import { checkImage, extractVideoFrames, MAX_IMAGE_BYTES } from "@gatehouse/media";
import { FileTooSmallError } from "../errors.ts";
import { type InboxFile, isUnchanged, readUnchanged } from "./inbox-file.ts";
import { videoDurationMs } from "./video-duration.ts";

const MIN_BYTES = 10 * 1024;

/**
 * The frames in a file, checked: one of a picture, up to ten of a video. None when the file is no longer as it was found.
 * @throws {FileTooSmallError} and whatever `checkImage` and `extractVideoFrames` throw
 */
export async function framesOf(file: InboxFile, signal: AbortSignal): Promise<CameraFrame[]> {
  if (file.found.size < MIN_BYTES)
    throw new FileTooSmallError(
      `Cannot take file "${file.found.name}" as it must have at least ${MIN_BYTES} bytes: it has ${file.found.size}`,
    );
  return file.found.kind === "picture" ? pictureOf(file, signal) : videoOf(file, signal);
}

async function pictureOf(file: InboxFile, signal: AbortSignal): Promise<CameraFrame[]> {
  const image = await readUnchanged(file, MAX_IMAGE_BYTES + 1);
  if (image === null) return [];
  const { media_type } = await checkImage(image, { signal });
  const { camera_id, frame_id, found } = file;
  return [{ camera_id, frame_id, captured_at_ms: Math.max(0, found.mtime_ms), media_type, image }];
}

/** A video was written until it ended: its frames were taken that much before the file's time. */
async function videoOf(file: InboxFile, signal: AbortSignal): Promise<CameraFrame[]> {
  if (!(await isUnchanged(file))) return [];
  const { camera_id, frame_id, path, found } = file;
  const video = join(path, found.name);
  const pictures = await extractVideoFrames(video, { signal });
  const duration_ms = (await videoDurationMs(video, signal)) ?? pictures.at(-1)!.at_ms;
  if (!(await isUnchanged(file))) return [];
  return pictures.map(({ at_ms, jpeg }) => ({
    camera_id,
    frame_id: `${frame_id}.${at_ms}`,
    captured_at_ms: Math.max(0, found.mtime_ms - duration_ms + at_ms),
    media_type: "image/jpeg",
    image: jpeg,
  }));
}
