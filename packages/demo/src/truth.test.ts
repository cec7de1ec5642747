import sharp from "sharp";
import { expect, test } from "vitest";
import type { Picture } from "./draw/picture.ts";
import { firstStages, scenes } from "./first-scenes.ts";
import type { Truth } from "./scene.ts";
import { secondStages } from "./second-scenes.ts";

/** Pixels that differ by more than `step` in a channel. */
function changed(a: Picture, b: Picture, step: number): { x: number; y: number }[] {
  const found = new Map<number, { x: number; y: number }>();
  for (let i = 0; i < a.rgb.length; i++) {
    const pixel = Math.floor(i / 3);
    if (Math.abs(a.rgb[i]! - b.rgb[i]!) > step)
      found.set(pixel, { x: pixel % a.width, y: Math.floor(pixel / a.width) });
  }
  return [...found.values()];
}

/** The sides of a box in pixels: left, top, right, bottom. */
function sides({ box }: Truth, { width, height }: Picture): [number, number, number, number] {
  return [box.x * width, box.y * height, (box.x + box.w) * width, (box.y + box.h) * height];
}

/** What speaks against the boxes: changed pixels outside of all, and sides with no change within 2 px. */
function faults(picture: Picture, empty: Picture, truths: Truth[], step: number): string[] {
  const boxes = truths.map((truth) => sides(truth, picture));
  const pixels = changed(picture, empty, step);
  const within = (p: { x: number; y: number }, [l, t, r, b]: (typeof boxes)[number], by: number) =>
    p.x >= l - by && p.x + 1 <= r + by && p.y >= t - by && p.y + 1 <= b + by;
  const outside = pixels.filter((p) => !boxes.some((box) => within(p, box, 2)));
  const loose = boxes.flatMap(([l, t, r, b], i) => {
    const own = pixels.filter((p) => within(p, [l, t, r, b], 2));
    const seen = [min(own, "x"), min(own, "y"), max(own, "x") + 1, max(own, "y") + 1];
    const off = [l, t, r, b].map((side, k) => Math.abs(side - seen[k]!));
    return Math.max(...off) <= 2 ? [] : [`${truths[i]!.object_id} is off by ${off}`];
  });
  return [...outside.slice(0, 3).map((p) => `a change outside of every box at ${p.x},${p.y}`), ...loose];
}

const min = (pixels: { x: number; y: number }[], k: "x" | "y") => pixels.reduce((m, p) => Math.min(m, p[k]), 1e9);
const max = (pixels: { x: number; y: number }[], k: "x" | "y") => pixels.reduce((m, p) => Math.max(m, p[k]), -1e9);

for (const stage of [...firstStages(1), ...secondStages(1)]) {
  test(`frame() of "${stage.script.name}" gives boxes that fit the drawn pixels within 2 px`, () => {
    for (let at_ms = 500; at_ms < stage.script.duration_ms; at_ms += 1_370) {
      const { picture, truths } = stage.frame(at_ms, { objects: true, shadows: true });
      const empty = stage.frame(at_ms, { objects: false, shadows: true });
      expect(empty.truths).toEqual([]);
      expect(faults(picture, empty.picture, truths, 0), `at ${at_ms} ms`).toEqual([]);
    }
  });
}

test("render() gives boxes that fit the decoded JPEG within 2 px", async () => {
  const scene = scenes().find(({ name }) => name === "person-walking")!;
  for (const at_ms of [2_000, 3_500, 5_000, 7_500]) {
    const { jpeg, truths } = await scene.render(at_ms);
    const empty = await scene.background(at_ms, { shadows: true });
    expect(truths).toHaveLength(1);
    expect(faults(await decode(jpeg), await decode(empty), truths, 34), `at ${at_ms} ms`).toEqual([]);
  }
});

async function decode(jpeg: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8ClampedArray(data) };
}
