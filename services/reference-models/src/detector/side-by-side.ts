import { type Blob, type Box, height, type Labelled, width } from "./blobs.ts";
import type { Judged } from "./judge.ts";

/** Worst fit at which a blob is one object beyond doubt. */
const doubtless = -1.6;

/** How much better the worse of two parts must fit than the whole. */
const leastGain = 1.2;

/** Least step of the outline, or dip of the columns, that is cut at, in heights of the blob. */
const leastStep = 0.2;

/** Judges a part of a blob by its box. */
type JudgeBox = (box: Box) => Judged;

/**
 * Parts a blob in which two objects stand side by side and touch: a person and a dog, two persons. Tried are cuts
 * through the columns in which the silhouette is thinnest or steps from high to low; a cut is made when both sides fit
 * a label much better than the whole does.
 */
export function partSideBySide(blob: Blob, box: Box, labelled: Labelled, w: number, judgeBox: JudgeBox): Judged[] {
  const whole = judgeBox(box);
  if (whole.fit > doubtless || width(box) < 10) return [whole];
  const columns = columnProfile(blob, box, labelled, w);
  let best: { pair: [Judged, Judged]; fit: number } | null = null;
  for (const cut of cutsOf(columns, height(box))) {
    const left = sideBox(columns, box, 0, cut);
    const right = sideBox(columns, box, cut, columns.count.length);
    if (left === null || right === null) continue;
    const pair: [Judged, Judged] = [judgeBox(left), judgeBox(right)];
    const fit = Math.min(pair[0].fit, pair[1].fit);
    if (best === null || fit > best.fit) best = { pair, fit };
  }
  return best !== null && best.fit > whole.fit + leastGain ? best.pair : [whole];
}

/** Per column of a box: marked pixels, and the first and last marked row. */
interface Columns {
  count: Uint16Array;
  top: Uint16Array;
  bottom: Uint16Array;
}

function columnProfile({ parts }: Blob, box: Box, { labels }: Labelled, w: number): Columns {
  const own = new Set(parts);
  const wide = width(box);
  const columns = { count: new Uint16Array(wide), top: new Uint16Array(wide), bottom: new Uint16Array(wide) };
  for (let x = 0; x < wide; x++) {
    for (let y = box.y0; y < box.y1; y++) {
      const label = labels[y * w + box.x0 + x]!;
      if (label === 0 || !own.has(label)) continue;
      if (columns.count[x]! === 0) columns.top[x] = y;
      columns.count[x]!++;
      columns.bottom[x] = y + 1;
    }
  }
  return columns;
}

/** At most 12 columns to cut before: the thinnest of their neighbourhood and the steepest steps of the outline's top. */
function cutsOf({ count, top }: Columns, high: number): number[] {
  const wide = count.length;
  const margin = Math.max(3, Math.round(0.12 * wide));
  const ranked: { at: number; score: number }[] = [];
  for (let at = margin; at < wide - margin; at++) {
    const thin = count[at]!;
    const around = Math.min(meanOf(count, at - margin, at), meanOf(count, at, at + margin));
    const step = Math.abs(top[Math.max(0, at - 2)]! - top[Math.min(wide - 1, at + 1)]!);
    ranked.push({ at, score: Math.max(around - thin, step) });
  }
  ranked.sort((a, b) => b.score - a.score);
  const cuts: number[] = [];
  for (const { at, score } of ranked)
    if (score > leastStep * high && cuts.length < 12 && cuts.every((cut) => Math.abs(cut - at) > 1)) cuts.push(at);
  return cuts;
}

function meanOf(values: Uint16Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += values[at]!;
  return sum / (to - from);
}

/** The box of the marked pixels between two columns; null when there are too few for an object. */
function sideBox({ count, top, bottom }: Columns, box: Box, from: number, to: number): Box | null {
  let area = 0;
  const side = { x0: box.x1, y0: box.y1, x1: box.x0, y1: box.y0 };
  for (let at = from; at < to; at++) {
    if (count[at] === 0) continue;
    area += count[at]!;
    side.x0 = Math.min(side.x0, box.x0 + at);
    side.x1 = Math.max(side.x1, box.x0 + at + 1);
    side.y0 = Math.min(side.y0, top[at]!);
    side.y1 = Math.max(side.y1, bottom[at]!);
  }
  return area < 40 || height(side) < 8 || width(side) < 4 ? null : side;
}
