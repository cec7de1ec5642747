import type { GrayImage } from "./gray-image.ts";
import type { MotionDifference } from "./motion-difference.ts";
import type { MotionState } from "./motion-state.ts";

/** A view with a contrast (standard deviation of luma) below this shows nothing; one above twice as much shows something. */
const FLAT_CONTRAST = 6;
/** Another view differs from the background in at least this share of its pixels. */
const ELSEWHERE_FRACTION = 0.4;
/** A strange view's correlation with the background is below this. Nightfall keeps the correlation; a cover or a turn does not. */
const STRANGE_CORRELATION = 0.5;

/** Whether a view that showed something now shows nothing: covered, sprayed, black. */
export function looksBlocked(state: MotionState, gray: GrayImage): boolean {
  const { frame_contrast, background_contrast, correlation } = momentsOf(state, gray);
  if (frame_contrast >= FLAT_CONTRAST || background_contrast < 2 * FLAT_CONTRAST) return false;
  return correlation < STRANGE_CORRELATION;
}

/** Whether there is something to see in a frame. */
export const showsSomething = (gray: GrayImage): boolean => contrastOf(gray) >= 2 * FLAT_CONTRAST;

/** Whether there is nothing to see in a frame: a cover, or the dark. */
export const showsNothing = (gray: GrayImage): boolean => contrastOf(gray) < FLAT_CONTRAST;

function contrastOf({ pixels }: GrayImage): number {
  const mean = pixels.reduce((sum, luma) => sum + luma, 0) / pixels.length;
  return Math.sqrt(pixels.reduce((sum, luma) => sum + (luma - mean) ** 2, 0) / pixels.length);
}

/** Whether a frame shows another place than the background. */
export function looksElsewhere(state: MotionState, gray: GrayImage, { changed_fraction }: MotionDifference): boolean {
  if (changed_fraction < ELSEWHERE_FRACTION) return false;
  const { frame_contrast, background_contrast, correlation } = momentsOf(state, gray);
  if (frame_contrast < FLAT_CONTRAST || background_contrast < FLAT_CONTRAST) return false;
  return correlation < STRANGE_CORRELATION;
}

interface Moments {
  frame_contrast: number;
  background_contrast: number;
  /** -1..1; 0 when one of the two is flat. */
  correlation: number;
}

function momentsOf(state: MotionState, gray: GrayImage): Moments {
  const count = gray.pixels.length;
  let frame = 0;
  let background = 0;
  let frame_squares = 0;
  let background_squares = 0;
  let products = 0;
  for (let i = 0; i < count; i++) {
    const a = gray.pixels[i]!;
    const b = state.background[i]! / 256;
    frame += a;
    background += b;
    frame_squares += a * a;
    background_squares += b * b;
    products += a * b;
  }
  frame /= count;
  background /= count;
  const frame_contrast = Math.sqrt(Math.max(0, frame_squares / count - frame * frame));
  const background_contrast = Math.sqrt(Math.max(0, background_squares / count - background * background));
  const scale = frame_contrast * background_contrast;
  return {
    frame_contrast,
    background_contrast,
    correlation: scale > 0 ? (products / count - frame * background) / scale : 0,
  };
}
