import { expect, test } from "vitest";
import { films } from "./drawn-films.ts";
import { measureFilm, type Score } from "./measure-films.ts";

test("Detector finds what moves in drawn films: recall >= 0.9, precision >= 0.85, labels >= 0.8 at IoU 0.5", async () => {
  const scores = await Promise.all(films.map(measureFilm));
  const lines = films.map(({ name }, at) => `${name.padEnd(18)}${figures(scores[at]!)} ${scores[at]!.trace}`);
  const all = scores.reduce(sum);
  process.stdout.write(`${lines.join("\n")}\n${"all".padEnd(18)}${figures(all)}\n`);
  expect(all.hits / all.truths).toBeGreaterThanOrEqual(0.9);
  expect(all.hits / all.boxes).toBeGreaterThanOrEqual(0.85);
  expect(all.named / all.hits).toBeGreaterThanOrEqual(0.8);
  for (const { truths, hits } of scores) expect(hits).toBeGreaterThanOrEqual(0.8 * truths);
}, 60_000);

function figures({ truths, hits, boxes, named, spent_ms, frames }: Score): string {
  const share = (part: number, whole: number) => (whole === 0 ? "-" : (part / whole).toFixed(2)).padStart(5);
  return `recall${share(hits, truths)} precision${share(hits, boxes)} labels${share(named, hits)} ${(spent_ms / frames).toFixed(1)} ms`;
}

function sum(a: Score, b: Score): Score {
  return {
    truths: a.truths + b.truths,
    hits: a.hits + b.hits,
    boxes: a.boxes + b.boxes,
    named: a.named + b.named,
    frames: a.frames + b.frames,
    spent_ms: a.spent_ms + b.spent_ms,
    trace: "",
  };
}
