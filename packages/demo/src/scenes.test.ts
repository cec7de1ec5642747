import sharp from "sharp";
import { expect, test } from "vitest";
import { firstStages, scenes } from "./first-scenes.ts";
import { first } from "./places/palette-first.ts";
import { second } from "./places/palette-second.ts";
import { secondScenes, secondStages } from "./second-scenes.ts";
import type { Stage } from "./stage.ts";

const both = { objects: true, shadows: true };

/** The truths of a scene, `step_ms` apart, without painting more than needed. */
function story(stage: Stage, step_ms: number) {
  const times = Array.from({ length: Math.ceil(stage.script.duration_ms / step_ms) + 1 }, (_, i) => i * step_ms);
  return times.map((at_ms) => ({ at_ms, truths: stage.frame(at_ms, both).truths }));
}

test("scenes() gives the same bytes for the same seed and time, and others for others", async () => {
  const render = async (seed: number, at_ms: number) => (await scenes(seed)[0]!.render(at_ms)).jpeg;
  const once = await render(1, 2_000);
  expect(Buffer.compare(once, await render(1, 2_000))).toBe(0);
  expect(Buffer.compare(once, await render(2, 2_000))).not.toBe(0);
  expect(Buffer.compare(once, await render(1, 2_001))).not.toBe(0);
});

test("render() does not depend on what was rendered before", async () => {
  const scene = secondScenes().find(({ name }) => name === "two-crossing")!;
  const before = await scene.render(6_000);
  await scene.render(1_000);
  expect(Buffer.compare(before.jpeg, (await scene.render(6_000)).jpeg)).toBe(0);
});

test("render() gives JPEG files of the scene's size that say they are simulated", async () => {
  for (const scene of [...scenes(), ...secondScenes()]) {
    const { jpeg } = await scene.render(1_500);
    const { format, width, height, exif } = await sharp(jpeg).metadata();
    expect({ format, width, height }).toEqual({ format: "jpeg", width: scene.width, height: scene.height });
    expect(exif?.toString("latin1")).toContain("Simulated camera");
    expect(scene.title).toMatch(/^Simulated: /);
    expect(jpeg.length).toBeGreaterThan(10 * 1_024);
    expect(jpeg.length).toBeLessThan(400 * 1_024);
  }
});

for (const stage of [...firstStages(1), ...secondStages(1)]) {
  const { name, actors, duration_ms } = stage.script;
  test(`"${name}" starts and ends empty, shows its ${actors.length} objects, and people of 12 to 45 % of the height`, () => {
    const frames = story(stage, 1_100);
    expect(frames[0]!.truths).toEqual([]);
    expect(stage.frame(duration_ms, both).truths).toEqual([]);
    const truths = frames.flatMap((frame) => frame.truths);
    const seen = new Set(truths.map(({ object_id }) => object_id));
    expect([...seen].sort()).toEqual(actors.map(({ object_id }) => object_id).sort());
    for (const { box } of truths.filter((t) => t.label === "person" && t.visible_fraction > 0.95)) {
      expect(box.h).toBeGreaterThanOrEqual(0.12);
      expect(box.h).toBeLessThanOrEqual(0.45);
    }
  });
}

test("frame() says SIMULATED as brightly by night as by day", () => {
  const brightest = (name: string) => {
    const { picture } = firstStages(1)
      .find(({ script }) => script.name === name)!
      .frame(0, both);
    return picture.rgb.slice(0, picture.width * 3 * 30).reduce((most, value) => Math.max(most, value), 0);
  };
  expect(brightest("still-night")).toBe(255);
  expect(brightest("person-walking")).toBe(255);
});

test("visitor-at-door: the person stands still for ten seconds", () => {
  const stage = firstStages(1).find(({ script }) => script.name === "visitor-at-door")!;
  const standing = story(stage, 500).filter(({ truths }) => truths[0]?.moving === false);
  expect(standing.at(-1)!.at_ms - standing[0]!.at_ms).toBeGreaterThanOrEqual(9_500);
  expect(new Set(standing.map(({ truths }) => JSON.stringify(truths[0]!.box))).size).toBe(1);
});

test("two-crossing: the nearer person hides the other for a moment", () => {
  const stage = secondStages(1).find(({ script }) => script.name === "two-crossing")!;
  const inside = story(stage, 200).filter(({ at_ms }) => at_ms > 3_000 && at_ms < 9_000);
  const hidden = inside.map(({ truths }) => truths.find((t) => t.object_id === "person-2")!.visible_fraction);
  expect(Math.min(...hidden)).toBeLessThan(0.7);
  expect(Math.max(...hidden)).toBe(1);
});

test("the two sets share no colour", () => {
  const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((c, i) => c - b[i]!));
  const close = Object.entries(first).flatMap(([a, x]) =>
    Object.entries(second).flatMap(([b, y]) => (distance(x, y) < 6 ? [`${a} and ${b}`] : [])),
  );
  expect(close).toEqual([]);
});
