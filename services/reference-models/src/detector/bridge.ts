import { areaOf, type Blob, type Box, join } from "./blobs.ts";
import type { Judged } from "./judge.ts";

/** Widest gap that is bridged, in heights of the higher part: a pole or a letter box before somebody. */
const widestGap = 0.2;

/** A joint object must fit its label at least this well, and better than its worse part by `leastGain`. */
const leastFit = -2.2;
const leastGain = 0.8;

/** Most blobs that are looked at, the largest first. */
const most = 10;

/** Joins what a thing before an object cut in two: neighbours that together fit a label better than apart. */
export function bridgeGaps(blobs: Blob[], judgeBlob: (blob: Blob) => Judged): Blob[] {
  const open = [...blobs].sort((a, b) => b.area - a.area);
  const fits = new Map(open.slice(0, most).map((blob) => [blob, judgeBlob(blob).fit]));
  for (let best = bestPair(fits, judgeBlob); best !== null; best = bestPair(fits, judgeBlob)) {
    for (const part of best.parts) {
      fits.delete(part);
      open.splice(open.indexOf(part), 1);
    }
    fits.set(best.blob, best.fit);
    open.push(best.blob);
  }
  return open;
}

interface Pair {
  parts: [Blob, Blob];
  blob: Blob;
  fit: number;
  gain: number;
}

function bestPair(fits: ReadonlyMap<Blob, number>, judgeBlob: (blob: Blob) => Judged): Pair | null {
  const blobs = [...fits.keys()];
  let best: Pair | null = null;
  for (const [at, a] of blobs.entries()) {
    for (const b of blobs.slice(at + 1)) {
      if (!areNear(a.box, b.box)) continue;
      const blob = join(a, b);
      const { fit } = judgeBlob(blob);
      const gain = fit - Math.min(fits.get(a)!, fits.get(b)!);
      if (fit >= leastFit && gain >= leastGain && gain > (best?.gain ?? 0)) best = { parts: [a, b], blob, fit, gain };
    }
  }
  return best;
}

/** Whether the gap between two boxes is narrow and both are large enough to be parts of one thing. */
function areNear(a: Box, b: Box): boolean {
  const across = Math.max(a.x0, b.x0) - Math.min(a.x1, b.x1);
  const down = Math.max(a.y0, b.y0) - Math.min(a.y1, b.y1);
  const limit = widestGap * Math.max(a.y1 - a.y0, b.y1 - b.y0);
  return Math.max(across, down) <= limit && Math.min(across, down) < 0 && Math.min(areaOf(a), areaOf(b)) >= 12;
}
