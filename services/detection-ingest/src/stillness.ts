import {
  decodeMotion,
  encodeMotion,
  type GrayImage,
  type MotionResult,
  type MotionState,
  showsNothing,
  updateMotion,
} from "@gatehouse/media";
import { type Cache, RedisDownError, type Scene } from "@gatehouse/store";

/** Knows whether anything moves before a camera, and whether it shows what it showed before. */
export interface Stillness {
  /** False: it never looks, and nothing is still. */
  readonly enabled: boolean;
  /** Compares the picture with the camera's running background, which is fetched while the picture is read. */
  look(camera_id: string, gray: Gray | Promise<Gray>, captured_at_ms: number): Promise<Look>;
}

/** Null: nobody decoded the picture. */
type Gray = GrayImage | null;

/** What a look saw. */
export interface Look {
  still: boolean;
  /** What the camera shows; null where that is what it showed already, or where nobody can tell. */
  scene: Scene | null;
  /**
   * Takes the picture into the background. Call it when the frame is kept: one whose model or row failed comes again,
   * and must then be seen as it was the first time.
   */
  remember(): Promise<void>;
}

const TTL_S = 3600;
const NOTHING_KNOWN: Look = { still: false, scene: null, remember: async () => undefined };

/**
 * Keeps each camera's background in Redis, as of the time of its newest frame: an older one is only compared, and of
 * two that looked at the same time one is taken in. Losing it is harmless: the model is asked.
 */
export function createStillness(cache: Cache, enabled: boolean): Stillness {
  return {
    enabled,
    async look(camera_id, reading, captured_at_ms) {
      if (!enabled) return NOTHING_KNOWN;
      const key = `background:${camera_id}`;
      const [known, gray] = await Promise.all([unlessDown(() => cache.getVersioned(key)), reading]);
      if (known === DOWN || gray === null) return NOTHING_KNOWN;
      const before = known && decodeMotion(known.bytes);
      const result = updateMotion(before, gray);
      const still = !result.moved;
      if (known && captured_at_ms <= Number(known.version)) return { ...NOTHING_KNOWN, still };
      const next = { version: String(captured_at_ms), bytes: encodeMotion(result.state) };
      const was = known?.version ?? null;
      const remember = async () => void (await unlessDown(() => cache.replaceVersioned(key, was, next, TTL_S)));
      return { still, scene: sceneIn(before, result, gray), remember };
    },
  };
}

/**
 * Null where the frame before showed the same as this one, unless it is time to look again: of frames that were looked
 * at side by side the wrong one may have been noted. Null, too, where nothing is seen: a cover that was forgotten is none less.
 */
function sceneIn(before: MotionState | null, { reason, state, scene }: MotionResult, gray: GrayImage): Scene | null {
  const unsure = reason === "unknown_background" || reason === "recheck";
  if (!unsure && before?.strange_frames === 0 && state.strange_frames === 0) return null;
  return scene === "same" && showsNothing(gray) ? null : scene;
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
