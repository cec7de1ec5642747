import { GPU_TIMES } from "@gatehouse/models";
import { afterEach, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type GpuWorld, startGpuWorld, type TestModel } from "./gpu-world.ts";

const forever = { signal: new AbortController().signal };
let world: GpuWorld;
afterEach(() => world.stop());

/** Nobody is lost here: a machine that is slow loses no lease either. */
const { renew_ms, lapse_ms, take_over_ms } = GPU_TIMES;

async function setup<const N extends string[]>(models: TestModel[], ...names: N) {
  world = await startGpuWorld(...models);
  const holders = await Promise.all(names.map((name) => world.holder(name, { renew_ms, lapse_ms, take_over_ms })));
  return holders.map(({ gpu }) => gpu);
}
const happened = () => world.server.events.map(({ what, model }) => `${what} ${model}`);
const loads = () => happened().filter((line) => line.startsWith("load begins"));

test("use() loads a model once for callers of several processes, and calls it when it is there", async () => {
  const gpus = await setup([{ name: "a", vram_mb: 600 }], "one", "two", "three");
  const calls = gpus.flatMap((gpu) => Array.from({ length: 4 }, () => gpu.use("a", forever, world.call("a"))));
  expect(await Promise.all(calls)).toEqual(Array(12).fill("a"));
  expect([loads(), happened().filter((line) => line.startsWith("call refused"))]).toEqual([["load begins a"], []]);
});

test("use() of a lease that is held writes nothing", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600 }], "one");
  await one!.use("a", forever, world.call("a"));
  const { writes } = one!.counts();
  for (let i = 0; i < 1_000; i++) await one!.use("a", forever, async () => i);
  expect(one!.counts().writes - writes).toBeLessThanOrEqual(1);
});

test("use() makes room: the one that is not used is unloaded first, and the memory is free before another loads", async () => {
  const [one, two] = await setup(
    [
      { name: "a", vram_mb: 600 },
      { name: "b", vram_mb: 600 },
    ],
    "one",
    "two",
  );
  await one!.use("a", forever, world.call("a"));
  await two!.use("b", forever, world.call("b"));
  expect(happened().filter((line) => !line.startsWith("call"))).toEqual([
    "load begins a",
    "loaded a",
    "unload begins a",
    "unloaded a",
    "load begins b",
    "loaded b",
  ]);
});

test("use() waits for calls in flight, and those that come meanwhile queue behind", async () => {
  const [one, two] = await setup(
    [
      { name: "a", vram_mb: 600 },
      { name: "b", vram_mb: 600 },
    ],
    "one",
    "two",
  );
  const release = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const running = one!.use("a", forever, () => {
    begun.resolve();
    return release.promise;
  });
  await begun.promise;
  const other = two!.use("b", forever, world.call("b"));
  await until("b waits", () => one!.status()[0]!.pending_loads.length === 1);
  const late = one!.use("a", forever, world.call("a"));
  await until(
    "a waits behind b",
    () =>
      one!
        .status()[0]!
        .pending_loads.map(({ model }) => model)
        .join() === "b,a",
  );
  expect(loads()).toEqual(["load begins a"]);
  release.resolve();
  await Promise.all([running, other, late]);
  expect(loads()).toEqual(["load begins a", "load begins b", "load begins a"]);
});

test("use() of an exclusive group pauses one model while the other is used, and unloads neither", async () => {
  const group = { exclusive_group: "eyes" };
  const models = [
    { name: "det", vram_mb: 300, priority: "critical", ...group },
    { name: "vlm", vram_mb: 600, ...group },
  ] as const;
  const [one, two] = await setup([...models], "one", "two");
  await one!.use("det", forever, world.call("det"));
  const release = Promise.withResolvers<void>();
  const looking = two!.use("vlm", forever, () => release.promise);
  await until("the vlm is used", () =>
    two!.status()[0]!.loaded_models.some(({ name, holders }) => name === "vlm" && holders.length > 0),
  );
  const detecting = one!.use("det", forever, world.call("det"));
  await until("the detector waits", () => one!.status()[0]!.pending_loads.length === 1);
  release.resolve();
  await Promise.all([looking, detecting]);
  expect(happened().filter((line) => line.startsWith("unload"))).toEqual([]);
});

test("a resident model is loaded from the start, and a hint loads another where there is room", async () => {
  const [one] = await setup(
    [
      { name: "res", vram_mb: 300, resident: true },
      { name: "a", vram_mb: 700 },
      { name: "b", vram_mb: 700 },
    ],
    "one",
  );
  await world.server.happened("loaded", "res");
  one!.hint("a");
  await world.server.happened("loaded", "a");
  await until("it is known", () => one!.status()[0]!.loaded_models.every(({ state }) => state === "loaded"));
  one!.hint("b");
  await one!.use("res", forever, world.call("res"));
  expect(loads()).toEqual(["load begins res", "load begins a"]);
});

test("use() gives up at its deadline, saying its place in the line, and leaves the line", async () => {
  const [one, two] = await setup(
    [
      { name: "a", vram_mb: 600 },
      { name: "b", vram_mb: 600 },
    ],
    "one",
    "two",
  );
  const release = Promise.withResolvers<void>();
  const running = one!.use("a", forever, () => release.promise);
  await world.server.happened("loaded", "a");
  const waiting = two!.use("b", { ...forever, deadline_ms: Date.now() + 700 }, world.call("b"));
  await expect(waiting).rejects.toMatchObject({
    code: "MODEL_BUSY",
    message: 'Cannot use model "b" on card "card-0" as its turn must come: it is number 1 of 1',
    facts: { card: "card-0", model: "b", position: 1 },
  });
  await until("the line is empty", () => one!.status()[0]!.pending_loads.length === 0);
  release.resolve();
  await running;
});

test("use() leaves the line when its caller gives up, with the caller's reason", async () => {
  const [one, two] = await setup(
    [
      { name: "a", vram_mb: 600 },
      { name: "b", vram_mb: 600 },
    ],
    "one",
    "two",
  );
  const release = Promise.withResolvers<void>();
  const running = one!.use("a", forever, () => release.promise);
  await world.server.happened("loaded", "a");
  const giving_up = new AbortController();
  const waiting = two!.use("b", { signal: giving_up.signal }, world.call("b"));
  await until("b waits", () => one!.status()[0]!.pending_loads.length === 1);
  giving_up.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await until("the line is empty", () => one!.status()[0]!.pending_loads.length === 0);
  release.resolve();
  await running;
});

test("use() lets 4,096 callers wait for a model, and refuses the others at once", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600 }], "one");
  const calls = Array.from({ length: 10_000 }, () => one!.use("a", forever, async () => "done"));
  const outcomes = await Promise.all(calls.map((call) => call.catch(({ code }) => code)));
  expect([
    outcomes.filter((one) => one === "done").length,
    outcomes.filter((one) => one === "MODEL_BUSY").length,
  ]).toEqual([4_096, 5_904]);
});

test("use() that may not wait is refused at once, and its model is loaded for those who come later", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600 }], "one");
  const impatient = one!.use("a", { ...forever, may_wait: false }, world.call("a"));
  await expect(impatient).rejects.toMatchObject({ code: "MODEL_BUSY" });
  await world.server.happened("loaded", "a");
  await until("it may be used", () => one!.use("a", { ...forever, may_wait: false }, world.call("a")).then(() => true));
});

test("use() says why a model could not be loaded, to all who wait for it, and tries again later", async () => {
  const gpus = await setup([{ name: "a", vram_mb: 600 }], "one", "two");
  world.server.failing.add("a");
  const both = await Promise.allSettled(gpus.map((gpu) => gpu.use("a", forever, world.call("a"))));
  for (const one of both)
    expect(one).toMatchObject({
      reason: { code: "GPU_LOAD_FAILED", message: expect.stringContaining("out of memory") },
    });
  await expect(gpus[0]!.use("a", forever, world.call("a"))).rejects.toMatchObject({ code: "GPU_LOAD_FAILED" });
  world.server.failing.clear();
  await until("it is tried again", () => gpus[0]!.use("a", forever, world.call("a")).then(() => true));
  expect(gpus[0]!.status()[0]).toMatchObject({ vram_used_mb: 600, loaded_models: [{ name: "a", fault: null }] });
});

test("a model that nobody uses for long is unloaded", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600, idle_unload_s: 1 }], "one", "two");
  await one!.use("a", forever, world.call("a"));
  await world.server.happened("unloaded", "a");
  await until("it is known", () => one!.status()[0]!.vram_used_mb === 0);
});

test("a model that its server lost is loaded again after a call that failed", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600 }], "one");
  await one!.use("a", forever, world.call("a"));
  world.server.forget();
  await expect(one!.use("a", forever, world.call("a"))).rejects.toThrow("not on the card");
  await world.server.happened("loaded", "a", 2);
  await until("it is known", () => one!.use("a", forever, world.call("a")).then(() => true));
});

test("stream() holds its lease until the last part", async () => {
  const [one, two] = await setup(
    [
      { name: "a", vram_mb: 600 },
      { name: "b", vram_mb: 600 },
    ],
    "one",
    "two",
  );
  const parts = one!.stream("a", forever, async function* () {
    yield 1;
    yield 2;
    return "end";
  });
  expect(await parts.next()).toEqual({ value: 1, done: false });
  const other = two!.use("b", forever, world.call("b"));
  await until("b waits", () => one!.status()[0]!.pending_loads.length === 1);
  expect(await parts.next()).toEqual({ value: 2, done: false });
  expect(loads()).toEqual(["load begins a"]);
  expect(await parts.next()).toEqual({ value: "end", done: true });
  await other;
});

test("use() of a model of no card is refused", async () => {
  const [one] = await setup([{ name: "a", vram_mb: 600 }], "one");
  await expect(one!.use("x", forever, world.call("x"))).rejects.toMatchObject({ code: "MODEL_CONFIG" });
});
