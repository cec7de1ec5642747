import { describeError } from "@gatehouse/errors";
import type { CameraFrame } from "@gatehouse/events";
import { MediaFullError, type MediaStore, thumbnail } from "@gatehouse/media";
import type { Log } from "@gatehouse/runtime";

/** A frame about to be kept: its time is the one that is believed. */
export interface KeptFrame extends Pick<CameraFrame, "camera_id" | "frame_id" | "media_type" | "image"> {
  captured_at_ms: number;
  sha256: string;
}

const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" } as const;
const MAX_NAME = 100;

/** Where pictures are kept, and who is told when one could not be. */
export interface FrameMedia {
  media: MediaStore;
  log: Log;
}

/** Keeps the picture and gives its key. Safe to repeat. A disk that is full or refuses costs the picture (null), never the detection. */
export function keepPicture(frame: KeptFrame, to: FrameMedia): Promise<string | null> {
  return keepUnder(`${mediaStem(frame)}.${EXTENSIONS[frame.media_type]}`, frame.image, frame, to);
}

/** Keeps a small picture, likewise. Null, too, where none can be made. */
export async function keepThumbnail(frame: KeptFrame, to: FrameMedia): Promise<string | null> {
  const small = await thumbnail(frame.image).catch((error: unknown) => {
    const { camera_id, frame_id } = frame;
    to.log.warn({ camera_id, frame_id, reason: describeError(error).message }, "thumbnail could not be made");
    return null;
  });
  return small && keepUnder(`${mediaStem(frame)}.thumb.jpg`, small, frame, to);
}

async function keepUnder(
  key: string,
  bytes: Uint8Array,
  { camera_id, frame_id }: KeptFrame,
  { media, log }: FrameMedia,
): Promise<string | null> {
  try {
    await media.put(key, bytes);
    return key;
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    log.warn({ camera_id, frame_id, reason: (error as Error).message }, "picture not kept as the disk refused it");
    return null;
  }
}

/** Full, read-only, not ours, or broken: whatever the file system itself refused. */
function isDiskFault(error: unknown): boolean {
  return error instanceof MediaFullError || (error instanceof Error && "errno" in error && "syscall" in error);
}

/**
 * `{camera_id}/{day}/{frame_id}-{16 digits of the picture's hash}`: names that are shortened or made harmless, and two
 * pictures that come under one id, never share a file.
 */
export function mediaStem({ camera_id, frame_id, captured_at_ms, sha256 }: Omit<KeptFrame, "image" | "media_type">) {
  const day = new Date(captured_at_ms).toISOString().slice(0, 10);
  const name = frame_id.slice(0, MAX_NAME).replace(/^\.+/, "_");
  return `${camera_id}/${day}/${name}-${sha256.slice(0, 16)}`;
}
