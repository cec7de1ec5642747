import { GatehouseError } from "@gatehouse/errors";
import { cameraFrame } from "@gatehouse/events";
import { FfmpegMissingError, VideoTimeoutError } from "@gatehouse/media";
import type { Bus, DoorLetter, Log } from "@gatehouse/runtime";
import { framesOf } from "./frames-of-file.ts";
import { type InboxFile, readUnchanged, removeUnchanged } from "./inbox-file.ts";
import { setAside } from "./set-aside.ts";

/** What taking a file leans on. */
export interface TakeParts {
  root: string;
  bus: Pick<Bus, "publishEvent">;
  bury(letter: DoorLetter): Promise<void>;
  log: Log;
  /** What was published or buried and is still in the folder: only that is left to do. */
  settled: Map<string, "published" | "buried">;
  /** Told when the broker acknowledged a file's frames, before the file is removed; tests end the process there. */
  onPublished?: (file: InboxFile) => void | Promise<void>;
}

const MAX_BODY = 1024 * 1024;
const MAX_SETTLED = 10_000;
const MAX_TIMEOUTS = 3;

/**
 * Takes one stable file in: reads, checks, publishes, and removes it once the broker acknowledged. What can never be
 * taken becomes a dead letter and is set aside. Safe to repeat: ids come from the file.
 * `tries`: how often it failed before. @throws whatever may pass; the file stays then
 */
export async function takeFile(file: InboxFile, tries: number, parts: TakeParts, signal: AbortSignal): Promise<void> {
  const key = `${file.camera_id}.${file.frame_id}`;
  if (!parts.settled.has(key)) {
    const settled = await publishFrames(file, parts, signal).catch((error: unknown) =>
      buryFile(file, refusal(error, tries), parts),
    );
    if (settled === "gone") return;
    if (parts.settled.size < MAX_SETTLED) parts.settled.set(key, settled);
    if (settled === "published") await parts.onPublished?.(file);
    else return finish(key, setAside(parts.root, file), parts);
  }
  if (parts.settled.get(key) === "buried") return finish(key, setAside(parts.root, file), parts);
  return finish(key, removeUnchanged(file), parts);
}

async function finish(key: string, cleared: Promise<void>, { settled }: TakeParts): Promise<void> {
  await cleared;
  settled.delete(key);
}

async function publishFrames(file: InboxFile, parts: TakeParts, signal: AbortSignal): Promise<"published" | "gone"> {
  const frames = await framesOf(file, signal);
  for (const frame of frames) await parts.bus.publishEvent(cameraFrame, frame);
  if (frames.length === 0) return "gone";
  const { camera_id, frame_id, found } = file;
  parts.log.info({ camera_id, frame_id, frames: frames.length, bytes: found.size }, "file taken in");
  return "published";
}

/** The error when the file can never be taken; otherwise throws it. */
function refusal(error: unknown, tries: number): GatehouseError {
  if (!(error instanceof GatehouseError) || error.code === FfmpegMissingError.code) throw error;
  if (error.retry === "never" || (error.code === VideoTimeoutError.code && tries + 1 >= MAX_TIMEOUTS)) return error;
  throw error;
}

async function buryFile(
  file: InboxFile,
  { code, message: reason }: GatehouseError,
  { bury, log }: TakeParts,
): Promise<"buried" | "gone"> {
  const { camera_id, frame_id, found } = file;
  const body = found.size <= MAX_BODY ? await readUnchanged(file, MAX_BODY) : new Uint8Array();
  if (body === null) return "gone";
  await bury({ id: `${camera_id}.${frame_id}`, subject: `camera.${camera_id}.frame`, code, reason, body });
  log.warn({ camera_id, frame_id, bytes: found.size, code, reason }, "file refused");
  return "buried";
}
