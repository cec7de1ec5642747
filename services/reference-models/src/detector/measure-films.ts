import type { Detection } from "./detector.ts";
import { Detector } from "./detector.ts";
import { type Film, shoot, type Truth } from "./drawn-film.ts";
import { decodePicture } from "./picture.ts";

/** What was found of a film, at IoU 0.5 and above. For tests only. */
export interface Score {
  truths: number;
  hits: number;
  boxes: number;
  named: number;
  frames: number;
  /** Time in `detect()`, decoding left out, milliseconds. */
  spent_ms: number;
  /** One letter a frame: `.` all right, `m` missed, `x` a box too many, `l` wrong label. */
  trace: string;
}

const leastConfidence = 0.5;

/** Plays a film to a new detector and counts. Boxes under 0.5 do not count. */
export async function measureFilm(film: Film): Promise<Score> {
  const detector = new Detector();
  const score: Score = { truths: 0, hits: 0, boxes: 0, named: 0, frames: 0, spent_ms: 0, trace: "" };
  for await (const { jpeg, truths } of shoot(film)) {
    const picture = await decodePicture(jpeg);
    const begun = performance.now();
    const found = detector.detect(picture, film.name);
    score.spent_ms += performance.now() - begun;
    score.frames++;
    count(
      score,
      found.filter(({ confidence }) => confidence >= leastConfidence),
      truths,
    );
  }
  return score;
}

function count(score: Score, found: Detection[], truths: Truth[]): void {
  const open = [...found];
  let [hits, named] = [0, 0];
  for (const truth of truths) {
    const at = open.findIndex(({ bbox }) => share(bbox, truth.box) >= 0.5);
    if (at < 0) continue;
    hits++;
    if (open[at]!.class === truth.label) named++;
    open.splice(at, 1);
  }
  score.truths += truths.length;
  score.boxes += found.length;
  score.hits += hits;
  score.named += named;
  const missed = hits < truths.length;
  score.trace += missed && open.length > 0 ? "X" : missed ? "m" : open.length > 0 ? "x" : named < hits ? "l" : ".";
}

function share(a: Truth["box"], b: Truth["box"]): number {
  const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a.width * a.height + b.width * b.height - w * h);
}
