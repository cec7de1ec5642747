import type { GrayImage } from "./gray-image.ts";
import { differ, type MotionDifference } from "./motion-difference.ts";
import type { MotionState } from "./motion-state.ts";
import { looksBlocked, looksElsewhere, showsSomething } from "./scene-change.ts";

/** All defaults of the motion gate. Numbers chosen on rendered scenes (see motion.test.ts): small things win over savings. */
export const MOTION_DEFAULTS = Object.freeze({
  /** A pixel differs by more than this, luma steps … */
  min_difference: 5,
  /** … and by more than this many standard deviations of the frame's noise. */
  noise_factor: 4.5,
  /** … but any pixel that differs by more than this counts, whatever the noise: else a picture that changed wholly is all noise. */
  max_difference: 24,
  /** Changed pixels (of the small picture, each with two changed neighbours) that count as motion. */
  min_changed_pixels: 3,
  /** A change of the whole picture's brightness that counts as motion, luma steps: a lamp, headlights. */
  brightness_step: 10,
  /** The background takes 1/2^6 of each frame: a thing that stands still is part of it after some 130 frames. */
  background_shift: 6,
  /** With fewer frames than this the background proves nothing: `moved`. */
  warmup_frames: 4,
  /** The model is asked at least once in so many frames, also when nothing moves. */
  recheck_frames: 50,
  /** A strange view is reported from this many frames in a row on: a lorry passing by is none. */
  scene_confirm_frames: 3,
  /** A strange view is the new background after this many frames in a row. */
  scene_accept_frames: 50,
});

/** Settings of the motion gate; what is left out is as in `MOTION_DEFAULTS`. */
export type MotionOptions = Partial<Readonly<Record<keyof typeof MOTION_DEFAULTS, number>>>;

/** What a frame looks like next to the running background. */
export interface MotionResult {
  /** To be kept for the camera's next frame. */
  state: MotionState;
  /** Whether the model is to be asked: something moved, the scene changed, or it is time to look again (`reason`). */
  moved: boolean;
  reason: "unknown_background" | "moved" | "scene" | "recheck" | "still";
  /** Share of the picture that differs from the background, 0..1. */
  changed_fraction: number;
  /** `blocked`: covered or black, until the view shows something. `angle_changed`: another view, until it is the new background. */
  scene: "same" | "blocked" | "angle_changed";
}

/**
 * Compares a frame with a camera's running background (an exponential average in fixed point) and takes it in.
 * Pure: `state` is not changed. Null, a state of another picture size, and a view that is blocked no more start anew and say `moved`.
 */
export function updateMotion(state: MotionState | null, gray: GrayImage, options: MotionOptions = {}): MotionResult {
  const settings = { ...MOTION_DEFAULTS, ...options };
  if (!canCompare(state, gray)) {
    return { state: begin(gray), moved: true, reason: "unknown_background", changed_fraction: 1, scene: "same" };
  }
  const difference = differ(state, gray, settings);
  const strange = strangeness(state, gray, difference);
  const strange_frames = strange === "same" ? 0 : state.strange_frames + 1;
  const confirmed = strange_frames >= settings.scene_confirm_frames ? strange : "same";
  const reason = reasonOf(state, difference, confirmed, settings);
  const moved = reason !== "still";
  const next =
    strange_frames >= settings.scene_accept_frames
      ? { ...begin(gray), blocked: strange === "blocked" }
      : {
          ...state,
          frames: Math.min(65_535, state.frames + 1),
          frames_since_check: moved ? 0 : Math.min(65_535, state.frames_since_check + 1),
          strange_frames,
          background: strange === "same" ? learn(state.background, gray, settings.background_shift) : state.background,
        };
  const scene = state.blocked ? "blocked" : confirmed;
  return { state: next, moved, reason, changed_fraction: difference.changed_fraction, scene };
}

function canCompare(state: MotionState | null, gray: GrayImage): state is MotionState {
  if (state === null || state.width !== gray.width || state.height !== gray.height) return false;
  return !state.blocked || !showsSomething(gray);
}

function begin(gray: GrayImage): MotionState {
  const background = Uint16Array.from(gray.pixels, (value) => value << 8);
  const { width, height } = gray;
  return { width, height, frames: 1, frames_since_check: 0, strange_frames: 0, blocked: false, background };
}

function learn(background: Uint16Array, gray: GrayImage, shift: number): Uint16Array {
  const next = new Uint16Array(background.length);
  for (let i = 0; i < next.length; i++) next[i] = background[i]! + (((gray.pixels[i]! << 8) - background[i]!) >> shift);
  return next;
}

function strangeness(state: MotionState, gray: GrayImage, difference: MotionDifference): MotionResult["scene"] {
  if (looksBlocked(state, gray)) return "blocked";
  return looksElsewhere(state, gray, difference) ? "angle_changed" : "same";
}

function reasonOf(
  state: MotionState,
  difference: MotionDifference,
  scene: MotionResult["scene"],
  settings: Required<MotionOptions>,
): MotionResult["reason"] {
  if (scene !== "same") return "scene";
  if (state.frames < settings.warmup_frames) return "unknown_background";
  const changed_pixels = Math.round(difference.changed_fraction * difference.changed.length);
  if (changed_pixels >= settings.min_changed_pixels) return "moved";
  if (Math.abs(difference.brightness_shift) >= settings.brightness_step) return "moved";
  return state.frames_since_check + 1 >= settings.recheck_frames ? "recheck" : "still";
}
