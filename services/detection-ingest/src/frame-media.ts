import type { CameraFrame } from "@gatehouse/events";
import { MediaFullError, type MediaStore, thumbnail } from "@gatehouse/media";
import type { Log } from "@gatehouse/runtime";

/** Where a frame's pictures are in the media store; null where there is none. */
export interface FrameMedia {
  media_key: string | null;
  thumbnail_key: string | null;
}

/** A frame about to be kept: its time is the one that is believed. */
export interface KeptFrame extends Pick<CameraFrame, "camera_id" | "frame_id" | "media_type" | "image"> {
  captured_at_ms: number;
  sha256: string;
}

const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" } as const;
const MAX_NAME = 100;
const NOTHING: FrameMedia = { media_key: null, thumbnail_key: null };

/**
 * Keeps the picture, and a thumbnail where something was found. Safe to repeat.
 * A disk that is full or refuses costs the picture, never the detection.
 */
export async function keepPicture(
  media: MediaStore,
  frame: KeptFrame,
  { found, log }: { found: boolean; log: Log },
): Promise<FrameMedia> {
  const stem = mediaStem(frame);
  const media_key = `${stem}.${EXTENSIONS[frame.media_type]}`;
  const thumbnail_key = found ? `${stem}.thumb.jpg` : null;
  try {
    await media.put(media_key, frame.image);
    if (thumbnail_key) await media.put(thumbnail_key, await thumbnail(frame.image));
    return { media_key, thumbnail_key };
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    const { camera_id, frame_id } = frame;
    log.warn({ camera_id, frame_id, reason: (error as Error).message }, "picture not kept as the disk refused it");
    return NOTHING;
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
