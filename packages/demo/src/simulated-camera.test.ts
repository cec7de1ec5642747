import { expect, test } from "vitest";
import { BadDemoCameraError } from "./errors.ts";
import { scenes } from "./first-scenes.ts";
import { playlist } from "./playlist.ts";
import { simulatedCamera } from "./simulated-camera.ts";
import type { SimulatedFrame, Sink } from "./sink.ts";

const driveway = scenes().filter(({ site }) => site === "driveway");
const patience = { give_up_after_ms: 20, retry_after_ms: 5 };

/** A camera, and promises for what it says in its log. */
function setup(sink: Sink, signal?: AbortSignal) {
  const warned = Promise.withResolvers<Record<string, unknown>>();
  const informed = Promise.withResolvers<Record<string, unknown>>();
  const warnings: unknown[] = [];
  const log = {
    info: informed.resolve,
    warn: (fields: Record<string, unknown>) => {
      warnings.push(fields);
      warned.resolve(fields);
    },
  };
  const camera = simulatedCamera({
    id: "gate",
    scenes: driveway,
    fps: 30,
    sink,
    log,
    patience,
    ...(signal && { signal }),
  });
  return { camera, warned: warned.promise, informed: informed.promise, warnings };
}

/** A sink that keeps frames, and a promise for the moment when it has `wanted`. */
function collector(wanted: number) {
  const frames: SimulatedFrame[] = [];
  const full = Promise.withResolvers<void>();
  const sink: Sink = async (frame) => {
    if (frames.push(frame) >= wanted) full.resolve();
  };
  return { frames, sink, full: full.promise };
}

test("simulatedCamera() gives frames with unique ids and rising times", async () => {
  const { frames, sink, full } = collector(5);
  const { camera } = setup(sink);
  await full;
  await camera.stop();
  expect(new Set(frames.map((f) => f.frame_id)).size).toBe(frames.length);
  for (const [i, frame] of frames.entries()) {
    expect(frame.frame_id).toMatch(new RegExp(`^gate-${frame.captured_at_ms}-[0-9a-f]{6}$`));
    if (i > 0) expect(frame.captured_at_ms).toBeGreaterThan(frames[i - 1]!.captured_at_ms);
  }
  expect(camera.counts()).toEqual({ sent: frames.length, dropped: 0, retried: 0 });
});

test("simulatedCamera() names its frames anew at every start", async () => {
  const [a, b] = [collector(1), collector(1)];
  const clock = { now_ms: () => 1_000, sleep: async () => undefined };
  const limit = { give_up_after_ms: 3_000, retry_after_ms: 5 };
  for (const { sink, full } of [a, b]) {
    const stopper = new AbortController();
    const stopping: Sink = async (frame, context) => {
      await sink(frame, context);
      stopper.abort();
    };
    const sleepUntilStopped = (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));
    const camera = simulatedCamera({
      id: "gate",
      scenes: driveway,
      sink: stopping,
      clock: { ...clock, sleep: sleepUntilStopped },
      patience: limit,
      signal: stopper.signal,
    });
    await full;
    await camera.stop();
  }
  expect(a.frames[0]!.captured_at_ms).toBe(b.frames[0]!.captured_at_ms);
  expect(a.frames[0]!.frame_id).not.toBe(b.frames[0]!.frame_id);
});

test("simulatedCamera() drops and counts what a failed sink refuses, says so once, and goes on when it is back", async () => {
  let away = true;
  const { camera, warned, informed, warnings } = setup(async () => {
    if (away) throw new Error("broker away");
  });
  expect(await warned).toMatchObject({ camera_id: "gate", message: "broker away" });
  away = false;
  const { dropped } = (await informed) as { dropped: number };
  await camera.stop();
  expect(dropped).toBeGreaterThan(0);
  expect(camera.counts().dropped).toBe(dropped);
  expect(camera.counts().sent).toBeGreaterThan(0);
  expect(camera.counts().retried).toBeGreaterThan(0);
  expect(warnings).toHaveLength(1);
});

test("stop() waits for the frame in flight, and may be called twice", async () => {
  const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let done = false;
  const slow: Sink = async () => {
    started.resolve();
    await release.promise;
    done = true;
  };
  const camera = simulatedCamera({ id: "gate", scenes: driveway, sink: slow });
  await started.promise;
  const stopped = camera.stop().then(() => done);
  release.resolve();
  expect(await stopped).toBe(true);
  await camera.stop();
  expect(camera.counts().sent).toBe(1);
});

test("simulatedCamera() stops when its signal aborts", async () => {
  const stopper = new AbortController();
  const { frames, sink, full } = collector(1);
  const { camera } = setup(sink, stopper.signal);
  await full;
  stopper.abort();
  await camera.stop();
  expect(camera.counts().sent).toBe(frames.length);
});

test("simulatedCamera() names every fault of its options at once", () => {
  const bad = () => simulatedCamera({ id: "a/b", scenes: [], fps: 0, sink: async () => undefined });
  expect(bad).toThrow(BadDemoCameraError);
  expect(bad).toThrow(/id must match .* "a\/b"; scenes must have at least one: .*; fps must be above 0/);
});

test("playlist() shows every scene in turn, a pause after each, then the first again", async () => {
  const shown: string[] = [];
  const noted = driveway.map((scene) => ({
    ...scene,
    render: (at_ms: number) => {
      shown.push(`${scene.name}@${at_ms}`);
      return scene.render(at_ms);
    },
  }));
  const show = playlist(noted, 2_000);
  const round_ms = driveway.reduce((sum, { duration_ms }) => sum + duration_ms + 2_000, 0);
  for (const at_ms of [0, 15_999, 16_000, round_ms, round_ms + 500]) await show(at_ms);
  expect(shown).toEqual([
    "person-walking@0",
    "person-walking@15999",
    "car-passing@0",
    "person-walking@0",
    "person-walking@500",
  ]);
});
