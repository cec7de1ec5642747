import { decodeMotion, encodeMotion, type GrayImage, updateMotion } from "@gatehouse/media";
import { type Cache, RedisDownError } from "@gatehouse/store";

/** Knows whether anything moves before a camera. */
export interface Stillness {
  /** Compares the picture with the camera's running background. */
  look(camera_id: string, gray: GrayImage): Promise<Look>;
}

/** What a look saw. */
export interface Look {
  still: boolean;
  /**
   * Takes the picture into the background. Call it when the frame is settled: a frame whose model failed comes again,
   * and must then be seen as it was the first time.
   */
  remember(): Promise<void>;
}

const TTL_S = 3600;
const NOTHING_KNOWN: Look = { still: false, remember: async () => undefined };

/** Keeps each camera's background in Redis. Losing it is harmless: the model is asked. */
export function createStillness(cache: Cache, enabled: boolean): Stillness {
  return {
    async look(camera_id, gray) {
      if (!enabled) return NOTHING_KNOWN;
      const key = `motion:${camera_id}`;
      const known = await unlessDown(() => cache.getBytes(key));
      if (known === DOWN) return NOTHING_KNOWN;
      const { state, moved } = updateMotion(known && decodeMotion(known), gray);
      const remember = async () => void (await unlessDown(() => cache.setBytes(key, encodeMotion(state), TTL_S)));
      return { still: !moved, remember };
    },
  };
}

const DOWN = Symbol("down");

async function unlessDown<T>(ask: () => Promise<T>): Promise<T | typeof DOWN> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RedisDownError) return DOWN;
    throw error;
  }
}
