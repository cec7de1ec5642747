import { readFile } from "node:fs/promises";
import type { FoundObject } from "@gatehouse/models";
import { sections } from "@gatehouse/runtime";
import { type Cache, RedisDownError, type Versioned } from "@gatehouse/store";
import { expect, test } from "vitest";
import { capturedAt } from "./captured-at.ts";
import { keptDetections } from "./detections-kept.ts";
import * as errors from "./errors.ts";
import { mediaStem } from "./frame-media.ts";
import { service } from "./service.ts";
import { createStillness } from "./stillness.ts";

const box = { x: 0.1, y: 0.2, w: 0.3, h: 0.4 };
const found = (label: string, confidence: number): FoundObject => ({ label, confidence, box });
const rule = { threshold: 0.5, thresholds: { person: 0.45, car: 0.7 }, labels: ["person", "car", "dog"] };

test("keptDetections() keeps wanted labels from their own threshold on and numbers what is kept", () => {
  const kept = keptDetections(
    [found("person", 0.44), found("person", 0.45), found("car", 0.69), found("car", 0.7), found("zebra", 0.99)],
    rule,
    "gate.f-1",
  );
  expect(kept).toEqual([
    { detection_id: "gate.f-1.0", label: "person", confidence: 0.45, box },
    { detection_id: "gate.f-1.1", label: "car", confidence: 0.7, box },
  ]);
});

test("keptDetections() uses the general threshold for a label without its own, also for one that every object has", () => {
  const labels = ["dog", "constructor"];
  const kept = keptDetections(
    [found("dog", 0.49), found("dog", 0.5), found("constructor", 0.5)],
    { ...rule, labels },
    "a.b",
  );
  expect(kept.map(({ label }) => label)).toEqual(["dog", "constructor"]);
});

test("capturedAt() believes a clock that is behind or at most 5 minutes ahead", () => {
  const now_ms = 1_763_700_000_000;
  expect(capturedAt(now_ms + 300_000, now_ms)).toEqual({ captured_at_ms: now_ms + 300_000 });
  expect(capturedAt(0, now_ms)).toEqual({ captured_at_ms: 0 });
});

test("capturedAt() takes the broker's time for a clock further ahead and says by how much", () => {
  const now_ms = 1_763_700_000_000;
  expect(capturedAt(now_ms + 600_000, now_ms)).toEqual({ captured_at_ms: now_ms, clock_skew_ms: 600_000 });
});

test("mediaStem() gives each picture a name of its own, whatever the frame is called", () => {
  const frame = { camera_id: "gate", captured_at_ms: 1_763_700_000_000, sha256: "ab".repeat(32) };
  expect(mediaStem({ ...frame, frame_id: "f-1" })).toBe("gate/2025-11-21/f-1-abababababababab");
  const names = ["..", "a".repeat(100), "a".repeat(128), "x:y"].map((frame_id, i) =>
    mediaStem({ ...frame, frame_id, sha256: String(i).repeat(64) }),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name.split("/")[2]).toMatch(/^[A-Za-z0-9_:-][A-Za-z0-9._:-]{1,140}$/);
});

const view = (lumaAt: (at: number) => number) => ({
  width: 160,
  height: 120,
  pixels: Uint8Array.from({ length: 160 * 120 }, (_, at) => lumaAt(at)),
});
const plain = view(() => 90);
const striped = view((at) => (at % 32 < 16 ? 60 : 180));

/** A cache in memory: what Redis does is tested in packages/store. */
function memory(): Cache & { kept: Map<string, Versioned> } {
  const kept = new Map<string, Versioned>();
  const nothing = async () => undefined;
  return {
    kept,
    setIfAbsent: async () => null,
    get: async () => null,
    take: async () => null,
    set: nothing,
    getVersioned: async (key) => kept.get(key) ?? null,
    replaceVersioned: async (key, was, next) => {
      if ((kept.get(key)?.version ?? null) !== was) return false;
      kept.set(key, next);
      return true;
    },
    remove: nothing,
    probe: nothing,
    close: nothing,
  };
}

test("createStillness() sees a frame that comes again as it saw it first, until it is remembered", async () => {
  const stillness = createStillness(memory(), true);
  for (let tries = 0; tries < 10; tries++) expect((await stillness.look("gate", plain, 1)).still).toBe(false);
  for (let frames = 1; frames <= 4; frames++) await (await stillness.look("gate", plain, frames)).remember();
  expect(await stillness.look("gate", plain, 5)).toMatchObject({ still: true, scene: null });
  expect(await stillness.look("yard", striped, 5)).toMatchObject({ still: false, scene: "same" });
});

test("createStillness() says again what a camera shows when it is time to look again", async () => {
  const stillness = createStillness(memory(), true);
  const scenes: unknown[] = [];
  for (let frames = 1; frames <= 60; frames++) {
    const { scene, remember } = await stillness.look("gate", striped, frames);
    scenes.push(scene);
    await remember();
  }
  expect(scenes.flatMap((scene, i) => (scene === null ? [] : [[i + 1, scene]]))).toEqual([
    ...[1, 2, 3, 4].map((frame) => [frame, "same"]),
    [54, "same"],
  ]);
});

test("createStillness() does not say that a camera shows what it showed before when it shows nothing", async () => {
  const cache = memory();
  const stillness = createStillness(cache, true);
  const dark = view(() => 12);
  const look = async (gray: typeof dark, frame: number) => {
    const { scene, remember } = await stillness.look("gate", gray, frame);
    await remember();
    return scene;
  };
  for (let frame = 1; frame <= 10; frame++) await look(striped, frame);
  for (let frame = 11; frame <= 20; frame++) await look(dark, frame);
  expect(await look(dark, 21)).toBe("blocked");
  cache.kept.clear();
  for (let frame = 22; frame <= 90; frame++) expect(await look(dark, frame)).toBeNull();
  const light: unknown[] = [];
  for (let frame = 91; frame <= 500; frame++) light.push(await look(striped, frame));
  expect(new Set(light)).toEqual(new Set([null, "same"]));
});

test("createStillness() takes no frame in that is older than the newest, nor one whose look another was faster than", async () => {
  const cache = memory();
  const stillness = createStillness(cache, true);
  for (let frames = 1; frames <= 4; frames++) await (await stillness.look("gate", plain, frames)).remember();
  const [slow, fast] = [await stillness.look("gate", plain, 6), await stillness.look("gate", plain, 5)];
  await fast.remember();
  await slow.remember();
  expect(cache.kept.get("background:gate")!.version).toBe("5");
  for (const captured_at_ms of [4, 5]) {
    const late = await stillness.look("gate", plain, captured_at_ms);
    expect(late).toMatchObject({ still: true, scene: null });
    await late.remember();
  }
  expect(cache.kept.get("background:gate")!.version).toBe("5");
});

test("createStillness() asks the model when it is switched off and when Redis is away", async () => {
  const off = memory();
  await (await createStillness(off, false).look("gate", plain, 1)).remember();
  expect(off.kept.size).toBe(0);
  const away = async () => {
    throw new RedisDownError("Cannot reach Redis");
  };
  const stillness = createStillness({ ...memory(), getVersioned: away, replaceVersioned: away }, true);
  for (let frames = 0; frames < 6; frames++) {
    const look = await stillness.look("gate", plain, frames);
    expect(look).toMatchObject({ still: false, scene: null });
    await look.remember();
  }
});

test("service reads sections of the shared configuration and no others", () => {
  for (const [name, section] of Object.entries(service.config))
    expect(section).toBe(sections[name as keyof typeof sections]);
});

test("errors: every code is unique and explained in the README", async () => {
  const codes = Object.values(errors).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
