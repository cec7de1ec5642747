import { type Cache, type DetectionStore, RedisDownError } from "@gatehouse/store";

/** Knows pictures that came twice under different ids. */
export interface Duplicates {
  /** Whether the same picture of the camera was detected under another id within the last minutes. */
  seen(camera_id: string, frame_id: string, sha256: string): Promise<boolean>;
}

/**
 * The first frame with a picture sets `{camera_id}:{sha256}`; a later one is a duplicate only when the first one's row
 * exists, so that a process that dies after setting the key loses nothing. Without Redis nothing is a duplicate.
 */
export function createDuplicates(cache: Cache, detections: DetectionStore, ttl_s: number): Duplicates {
  return {
    async seen(camera_id, frame_id, sha256) {
      if (ttl_s === 0) return false;
      const first = await firstFrameWith(cache, `dup:${camera_id}:${sha256}`, frame_id, ttl_s);
      return first !== null && first !== frame_id && (await detections.find(camera_id, first)) !== null;
    },
  };
}

async function firstFrameWith(cache: Cache, key: string, frame_id: string, ttl_s: number): Promise<string | null> {
  try {
    return await cache.setIfAbsent(key, frame_id, ttl_s);
  } catch (error) {
    if (error instanceof RedisDownError) return null;
    throw error;
  }
}
