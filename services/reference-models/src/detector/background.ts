import { distance, type Planes } from "./difference.ts";
import type { Picture } from "./picture.ts";

/** Frames that an object which does not move goes on being found before it becomes part of the scene: 60 s at 15/s. */
export const absorbAfterFrames = 900;

/** What is remembered of one source's empty scene, per pixel at working size. */
export interface Background extends Planes {
  /** Frames seen. */
  frames: number;
  /** Running mean of the distance from the scene: leaves and water have much, a wall little. */
  restless: Float32Array;
  /** How often the pixel changed between scene and object lately. */
  flips: Float32Array;
  /** Frames in a row that the pixel belonged to an object. */
  age: Uint16Array;
  /** Frames for which the remembered colour is known to be an object's that stood here at the start. */
  tainted: Uint16Array;
  /** 1 where the empty scene has been seen for sure: an object left it. */
  known: Uint8Array;
}

/** Starts a background from one picture, which may have objects in it. */
export function startBackground(picture: Picture): Background {
  const { w, h } = picture;
  return {
    w,
    h,
    frames: 1,
    y: picture.y.slice(),
    u: picture.u.slice(),
    v: picture.v.slice(),
    restless: new Float32Array(w * h),
    flips: new Float32Array(w * h),
    age: new Uint16Array(w * h),
    tainted: new Uint16Array(w * h),
    known: new Uint8Array(w * h),
  };
}

/** Takes over one pixel's colour from the picture. */
export function adopt(background: Background, picture: Picture, i: number): void {
  background.y[i] = picture.y[i]!;
  background.u[i] = picture.u[i]!;
  background.v[i] = picture.v[i]!;
  background.tainted[i] = 0;
  background.age[i] = 0;
  background.known[i] = 1;
}

/**
 * Learns from one picture. `objects` marks pixels of accepted objects: they are left alone until they have stood for
 * `absorbAfterFrames`; `changed` marks whatever differed: what differed and is no object teaches restlessness.
 */
export function learn(background: Background, picture: Picture, changed: Uint8Array, objects: Uint8Array): void {
  const rate = Math.max(0.04, 1 / (background.frames + 1));
  for (let i = 0; i < changed.length; i++) {
    const isObject = objects[i] === 1;
    if (background.tainted[i]! > 0) background.tainted[i] = background.tainted[i]! - 1;
    const flipped = isObject !== background.age[i]! > 0 ? 1 : 0;
    background.flips[i] = background.flips[i]! * 0.98 + flipped;
    if (isObject) {
      background.age[i] = background.age[i]! + 1;
      if (background.age[i]! > absorbAfterFrames) adopt(background, picture, i);
      continue;
    }
    if (background.age[i]! > 0) background.known[i] = 1;
    background.age[i] = 0;
    blend(background, picture, i, changed[i] === 1 ? 0.05 : rate, changed[i] === 1);
  }
  background.frames++;
}

function blend(background: Background, picture: Picture, i: number, rate: number, odd: boolean): void {
  const seen = distance(background, i, picture, i);
  background.restless[i] = background.restless[i]! + (odd ? 0.12 : 0.04) * (seen - background.restless[i]!);
  background.y[i] = background.y[i]! + rate * (picture.y[i]! - background.y[i]!);
  background.u[i] = background.u[i]! + rate * (picture.u[i]! - background.u[i]!);
  background.v[i] = background.v[i]! + rate * (picture.v[i]! - background.v[i]!);
}
