import type { Background } from "./background.ts";
import { distance } from "./difference.ts";
import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** How well the marked pixels continue the unmarked ones around them: distance of the nearest of up to four, 1000 for none. */
export interface Continuity {
  /** In the picture of now. */
  now: Float32Array;
  /** In the remembered picture. */
  before: Float32Array;
}

/** A line of pixels: a row or a column. */
interface Line {
  from: number;
  step: number;
  count: number;
}

/**
 * Measures what an object and its ghost differ in. Under an object the *remembered* picture continues the surroundings;
 * under a ghost (the remembered picture has an object there that has left since) the picture of *now* does.
 */
export function measureContinuity(
  mask: Uint8Array,
  now: Picture,
  background: Background,
  workspace: Workspace,
): Continuity {
  const { w, h } = now;
  const fit = { now: workspace.floats(w * h).fill(1e3), before: workspace.floats(w * h).fill(1e3) };
  for (let y = 0; y < h; y++) compareRuns({ from: y * w, step: 1, count: w });
  for (let x = 0; x < w; x++) compareRuns({ from: x, step: w, count: h });
  return fit;

  function compareRuns({ from, step, count }: Line): void {
    for (let k = 0; k < count; k++) {
      if (mask[from + k * step] === 0) continue;
      let end = k;
      while (end + 1 < count && mask[from + (end + 1) * step] === 1) end++;
      if (k - 2 >= 0) compareRun(from + k * step, from + end * step, step, from + (k - 2) * step);
      if (end + 2 < count) compareRun(from + k * step, from + end * step, step, from + (end + 2) * step);
      k = end;
    }
  }

  function compareRun(first: number, last: number, step: number, outside: number): void {
    if (mask[outside] === 1) return;
    for (let i = first; i <= last; i += step) {
      keepLess(fit.now, i, distance(now, i, now, outside));
      keepLess(fit.before, i, distance(background, i, now, outside));
    }
  }
}

function keepLess(values: Float32Array, i: number, value: number): void {
  if (value < values[i]!) values[i] = value;
}

/** How much better the picture of now continues its surroundings, averaged over 5x5 marked pixels: positive means ghost. */
export function ghostScores(mask: Uint8Array, fit: Continuity, { w, h }: Picture, workspace: Workspace): Float32Array {
  const score = workspace.floats(mask.length).fill(0);
  for (let i = 0; i < mask.length; i++)
    if (mask[i] === 1 && fit.now[i]! < 1e3) score[i] = Math.max(-40, Math.min(40, fit.before[i]! - fit.now[i]!));
  const out = workspace.floats(mask.length).fill(0);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) out[i] = meanAround(i % w, (i / w) | 0);
  return out;

  function meanAround(x: number, y: number): number {
    let sum = 0;
    let count = 0;
    for (let yy = Math.max(0, y - 2); yy <= Math.min(h - 1, y + 2); yy++) {
      for (let xx = Math.max(0, x - 2); xx <= Math.min(w - 1, x + 2); xx++) {
        sum += mask[yy * w + xx]! * score[yy * w + xx]!;
        count += mask[yy * w + xx]!;
      }
    }
    return sum / count;
  }
}
