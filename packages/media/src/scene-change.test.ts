import { expect, test } from "vitest";
import type { GrayImage } from "./gray-image.ts";
import { MOTION_DEFAULTS, updateMotion } from "./motion.ts";
import type { MotionState } from "./motion-state.ts";
import { createNoise } from "./testing/pictures.ts";

const noise = createNoise();

function view(lumaAt: (x: number, y: number) => number): GrayImage {
  const pixels = Uint8Array.from({ length: 19_200 }, (_, at) => {
    return Math.max(0, Math.min(255, Math.round(lumaAt(at % 160, Math.floor(at / 160)) + noise())));
  });
  return { width: 160, height: 120, pixels };
}

const yard = () => view((x, y) => 60 + y + ((x >> 4) & 1) * 40);
const yardAtNight = () => view((x, y) => 15 + y / 8 + ((x >> 4) & 1) * 5);
const street = () => view((x, y) => 200 - y - ((y >> 3) & 1) * 50 - x / 4);
const cover = () => view(() => 12);

function watch(before: GrayImage): (gray: GrayImage) => string {
  let state: MotionState | null = null;
  const look = (gray: GrayImage) => {
    const result = updateMotion(state, gray);
    state = result.state;
    return result.scene;
  };
  for (let i = 0; i < 10; i++) look(before);
  return look;
}

test.each([
  ["blocked", cover, Number.POSITIVE_INFINITY],
  ["angle_changed", street, MOTION_DEFAULTS.scene_accept_frames],
])("updateMotion() reports a view as %s once it lasts, until it is the background", (scene, after, accept) => {
  const look = watch(yard());
  const confirm = MOTION_DEFAULTS.scene_confirm_frames;
  const scenes = Array.from({ length: MOTION_DEFAULTS.scene_accept_frames + 10 }, () => look(after()));
  const expected = scenes.map((_, index) => (index >= confirm - 1 && index < accept ? scene : "same"));
  expect(scenes).toEqual(expected);
  expect(look(yard())).toBe("same");
});

test("updateMotion() sees motion before a dark view that stays blocked, and starts anew when there is light", () => {
  let state: MotionState | null = null;
  const look = (gray: GrayImage) => {
    const result = updateMotion(state, gray);
    state = result.state;
    return result;
  };
  for (let i = 0; i < 10; i++) look(yard());
  for (let i = 0; i < 2 * MOTION_DEFAULTS.scene_accept_frames; i++) look(cover());
  const torch = view((x, y) => (x > 70 && x < 78 && y > 50 && y < 58 ? 60 : 12));
  expect(look(cover())).toMatchObject({ scene: "blocked", reason: "still" });
  expect(look(torch)).toMatchObject({ scene: "blocked", reason: "moved" });
  expect(look(street())).toMatchObject({ scene: "same", reason: "unknown_background" });
});

test("updateMotion() reports no scene change when the view is back before it is confirmed", () => {
  const look = watch(yard());
  expect([look(cover()), look(cover()), look(yard()), look(cover()), look(cover())]).toEqual(Array(5).fill("same"));
});

test("updateMotion() does not take nightfall for another angle", () => {
  const look = watch(yard());
  expect(new Set(Array.from({ length: 10 }, () => look(yardAtNight())))).toEqual(new Set(["same"]));
});
