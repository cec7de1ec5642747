import { distance, type Planes, smooth } from "./difference.ts";
import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** Smallest distance that counts as another colour than the border's. */
const leastContrast = 14;

/**
 * How far each pixel is from the colours of the picture's border: those at the ends of its row and of its column, what lies
 * between them, and the border's most frequent colours. For a single picture of which nothing else is known.
 */
export function borderDifference(picture: Picture, workspace: Workspace): Float32Array {
  const { w, h } = picture;
  const soft: Planes = {
    w,
    h,
    y: smooth(picture.y, w, h, workspace),
    u: smooth(picture.u, w, h, workspace),
    v: smooth(picture.v, w, h, workspace),
  };
  const palette = borderPalette(soft);
  const out = workspace.floats(w * h);
  const blend: Planes = { w: 1, h: 1, y: new Float32Array(1), u: new Float32Array(1), v: new Float32Array(1) };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = y * w + x;
      const ends = { left: y * w + 1, right: y * w + w - 2, top: w + x, bottom: (h - 2) * w + x };
      let least = Math.min(
        distance(soft, i, soft, ends.left),
        distance(soft, i, soft, ends.right),
        distance(soft, i, soft, ends.top),
        distance(soft, i, soft, ends.bottom),
      );
      if (least > 8) least = Math.min(least, between(ends.left, ends.right, x / w, i));
      if (least > 8) least = Math.min(least, between(ends.top, ends.bottom, y / h, i));
      for (let k = 0; least > 8 && k < palette.y.length; k++) least = Math.min(least, distance(soft, i, palette, k));
      out[i] = least;
    }
  }
  return out;

  function between(from: number, to: number, share: number, i: number): number {
    blend.y[0] = soft.y[from]! + share * (soft.y[to]! - soft.y[from]!);
    blend.u[0] = soft.u[from]! + share * (soft.u[to]! - soft.u[from]!);
    blend.v[0] = soft.v[from]! + share * (soft.v[to]! - soft.v[from]!);
    return distance(soft, i, blend, 0);
  }
}

/** The border's frequent colours (at least 2 % of it each, at most 10), by leader clustering. */
function borderPalette(picture: Planes): Planes {
  const leaders: number[] = [];
  const counts: number[] = [];
  const ring = borderPixels(picture.w, picture.h);
  for (const i of ring) {
    const near = leaders.findIndex((leader) => distance(picture, i, picture, leader) < 16);
    if (near >= 0) counts[near]!++;
    else if (leaders.length < 40) {
      leaders.push(i);
      counts.push(1);
    }
  }
  const kept = leaders.filter((_, k) => counts[k]! > 0.02 * ring.length).slice(0, 10);
  const pick = (plane: Float32Array) => Float32Array.from(kept, (i) => plane[i]!);
  return { w: kept.length, h: 1, y: pick(picture.y), u: pick(picture.u), v: pick(picture.v) };
}

function borderPixels(w: number, h: number): number[] {
  const ring: number[] = [];
  for (let x = 1; x < w - 1; x++) ring.push(w + x, (h - 2) * w + x);
  for (let y = 1; y < h - 1; y++) ring.push(y * w + 1, y * w + w - 2);
  return ring.filter((i) => i >= 0 && i < w * h);
}

/** The distance that best parts subject from surroundings (Otsu 1979), kept within sensible limits. */
export function subjectThreshold(difference: Float32Array): number {
  const bins = new Float64Array(128);
  for (let i = 0; i < difference.length; i += 2) {
    const bin = Math.min(127, difference[i]! | 0);
    bins[bin] = bins[bin]! + 1;
  }
  const total = bins.reduce((sum, count) => sum + count, 0);
  const all = bins.reduce((sum, count, bin) => sum + count * bin, 0);
  let best = { at: leastContrast, spread: 0 };
  let below = 0;
  let sum = 0;
  for (let bin = 0; bin < 127; bin++) {
    below += bins[bin]!;
    sum += bin * bins[bin]!;
    if (below === 0 || below === total) continue;
    const spread = below * (total - below) * (sum / below - (all - sum) / (total - below)) ** 2;
    if (spread > best.spread) best = { at: bin + 1, spread };
  }
  return Math.min(40, Math.max(leastContrast, best.at * 0.7));
}
