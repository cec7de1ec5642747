import { colourWeight, type Planes } from "./difference.ts";
import type { Picture } from "./picture.ts";

/** Frames that an object which does not move goes on being found before it becomes part of the scene: 60 s at 15/s. */
const absorbAfterFrames = 900;

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
 * `absorbAfterFrames`; `changed` marks whatever differed: what differed and is no object teaches restlessness, in every
 * picture. A settled scene learns the rest from every other row in turn, twice as fast.
 */
export function learn(background: Background, picture: Picture, changed: Uint8Array, objects: Uint8Array): void {
  const { w, h, frames } = background;
  const settled = frames > 30;
  for (let y = 0; y < h; y++) {
    const isTurn = !settled || ((y + frames) & 1) === 0;
    if (isTurn) fade(background, y * w, settled ? 2 : 1);
    countAges(background, picture, objects, y * w);
    blend(background, picture, { changed, objects }, { from: y * w, settled, isTurn });
  }
  background.frames++;
}

/** Lets a row forget: `frames` of tainted and of flips have passed. */
function fade({ w, tainted, flips }: Background, from: number, frames: 1 | 2): void {
  const keep = 0.98 ** frames;
  for (let i = from; i < from + w; i++) {
    if (tainted[i] !== 0) tainted[i] = Math.max(0, tainted[i]! - frames);
    if (flips[i]! > 0.01) flips[i] = flips[i]! * keep;
  }
}

function countAges(background: Background, picture: Picture, objects: Uint8Array, from: number): void {
  const { w, flips, age, known } = background;
  for (let i = from; i < from + w; i++) {
    const before = age[i]!;
    if (objects[i] === 1) {
      if (before === 0) flips[i] = flips[i]! + 1;
      age[i] = before + 1;
      if (before >= absorbAfterFrames) adopt(background, picture, i);
    } else if (before !== 0) {
      flips[i] = flips[i]! + 1;
      known[i] = 1;
      age[i] = 0;
    }
  }
}

interface Row {
  from: number;
  settled: boolean;
  /** Whether all of the row learns, not only what changed. */
  isTurn: boolean;
}

/** Moves a row's remembered colours towards the picture's, those of objects left out. */
function blend(
  background: Background,
  picture: Picture,
  { changed, objects }: { changed: Uint8Array; objects: Uint8Array },
  { from, settled, isTurn }: Row,
): void {
  const { w, y, u, v, restless, frames } = background;
  const { y: nowY, u: nowU, v: nowV } = picture;
  const usual = Math.max(0.04, 1 / (frames + 1)) * (settled ? 2 : 1);
  const usualRestless = settled ? 0.08 : 0.04;
  const weight = colourWeight;
  for (let i = from; i < from + w; i++) {
    const differs = changed[i] === 1;
    if ((!isTurn && !differs) || objects[i] === 1) continue;
    const rate = differs ? 0.05 : usual;
    const dy = nowY[i]! - y[i]!;
    const du = nowU[i]! - u[i]!;
    const dv = nowV[i]! - v[i]!;
    const seen = Math.sqrt(dy * dy + weight * (du * du + dv * dv));
    restless[i] = restless[i]! + (differs ? 0.12 : usualRestless) * (seen - restless[i]!);
    y[i] = y[i]! + rate * dy;
    u[i] = u[i]! + rate * du;
    v[i] = v[i]! + rate * dv;
  }
}
