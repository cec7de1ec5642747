import { expect, test } from "vitest";
import type { GrayImage } from "./gray-image.ts";
import { MOTION_DEFAULTS, type MotionResult, updateMotion } from "./motion.ts";
import type { MotionState } from "./motion-state.ts";
import { createNoise } from "./testing/pictures.ts";
import { createYard } from "./testing/yard.ts";

/** Feeds pictures one after the other, as a camera's frames come. */
function createGate() {
  let state: MotionState | null = null;
  return (gray: GrayImage): MotionResult => {
    const result = updateMotion(state, gray);
    state = result.state;
    return result;
  };
}

test("updateMotion() sees nothing in a still night scene with sensor noise, and rechecks every 50 frames", async () => {
  const gate = createGate();
  const yard = createYard({ night: true, contrast: 0 });
  const reasons: string[] = [];
  for (let i = 0; i < 120; i++) reasons.push(gate(await yard.frame(null)).reason);
  const warmup = MOTION_DEFAULTS.warmup_frames;
  expect(reasons.slice(0, warmup)).toEqual(Array(warmup).fill("unknown_background"));
  expect(new Set(reasons.slice(warmup))).toEqual(new Set(["still", "recheck"]));
  expect(reasons.flatMap((reason, index) => (reason === "recheck" ? [index] : []))).toEqual([53, 103]);
}, 30_000);

test.each([
  ["at night, a little brighter", { night: true, contrast: 15 }],
  ["by day, darker", { night: false, contrast: -25 }],
])(
  "updateMotion() sees a person of a twentieth of the height, 1 pixel per frame, on every frame: %s",
  async (_name, scene) => {
    const gate = createGate();
    const yard = createYard(scene);
    for (let i = 0; i < 20; i++) gate(await yard.frame(null));
    const missed: number[] = [];
    for (let i = 0; i < 100; i++) if (gate(await yard.frame(40 + i)).reason !== "moved") missed.push(i);
    expect(missed).toEqual([]);
  },
  30_000,
);

test("updateMotion() sees a person who walks from the very first frame on", async () => {
  const gate = createGate();
  const yard = createYard({ night: true, contrast: 25 });
  const still: number[] = [];
  for (let i = 0; i < 40; i++) if (!gate(await yard.frame(40 + i)).moved) still.push(i);
  expect(still).toEqual([]);
}, 30_000);

test("updateMotion() takes slow dusk for no motion, and a lamp for motion", () => {
  const gate = createGate();
  const flat = flatScene();
  for (let i = 0; i < 20; i++) gate(flat(0));
  for (let i = 0; i < 60; i++) expect(["still", "recheck"]).toContain(gate(flat(-i / 20)).reason);
  expect(gate(flat(30)).reason).toBe("moved");
});

test("updateMotion() starts anew when the picture's size changes, and leaves the old state as it was", () => {
  const flat = flatScene();
  const { state } = updateMotion(null, flat(0));
  const before = structuredClone(state);
  expect(updateMotion(state, flat(5)).state.background).not.toEqual(before.background);
  expect(state).toEqual(before);
  const smaller = { width: 80, height: 60, pixels: new Uint8Array(4800) };
  expect(updateMotion(state, smaller)).toMatchObject({
    moved: true,
    reason: "unknown_background",
    changed_fraction: 1,
  });
});

/** A gradient with noise, `by` luma steps brighter than at first. */
function flatScene(): (by: number) => GrayImage {
  const noise = createNoise();
  return (by) => ({
    width: 160,
    height: 120,
    pixels: Uint8Array.from({ length: 19_200 }, (_, at) => Math.round(60 + (at % 160) / 2 + by + 2 * noise())),
  });
}
