import { type GpuModelConfig, readCardStatus } from "@gatehouse/models";
import { createLeaseStore } from "@gatehouse/runtime";
import { afterEach, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type GpuWorld, QUICK, startGpuWorld, type TestHolder, type TestModel } from "./gpu-world.ts";

const forever = { signal: new AbortController().signal };
const AB: TestModel[] = [
  { name: "a", vram_mb: 600 },
  { name: "b", vram_mb: 600 },
];
let world: GpuWorld;
afterEach(() => world.stop());

async function setup(models: TestModel[]): Promise<[TestHolder, TestHolder]> {
  world = await startGpuWorld(...models);
  return [await world.holder("one"), await world.holder("two")];
}

/** A call that runs until it is aborted, and why it was. */
function callUntilAborted({ gpu }: TestHolder, model: string): { begun: Promise<void>; reason: Promise<unknown> } {
  const begun = Promise.withResolvers<void>();
  const reason = gpu
    .use(model, forever, (signal) => {
      begun.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    })
    .catch((error: unknown) => error);
  return { begun: begun.promise, reason };
}

test("a holder that is cut off aborts its own calls before others take its lease, which is free in time", async () => {
  const [one, two] = await setup(AB);
  const call = callUntilAborted(one, "a");
  await call.begun;
  const order: string[] = [];
  await one.bus.close();
  const cut_ms = performance.now();
  const other = two.gpu.use("b", forever, async () => order.push("taken over"));
  const lost = call.reason.then((reason) => {
    order.push("aborted");
    return reason;
  });
  expect(await lost).toMatchObject({ code: "GPU_LEASE_LOST", retry: "later" });
  await other;
  expect(order).toEqual(["aborted", "taken over"]);
  expect(performance.now() - cut_ms).toBeGreaterThan(QUICK.take_over_ms! - QUICK.renew_ms! - 1);
});

test("a load is gone on with by somebody else when its holder is lost in the middle, and its memory counts all the time", async () => {
  const [one, two] = await setup([
    { name: "a", vram_mb: 600, load_ms: 1_000 },
    { name: "b", vram_mb: 600 },
  ]);
  const loading = one.gpu.use("a", { ...forever, deadline_ms: Date.now() + 1_000 }, world.call("a"));
  loading.catch(() => undefined);
  await world.server.happened("load begins", "a");
  await one.bus.close();
  await two.gpu.use("b", forever, world.call("b"));
  const moves = world.server.events
    .filter(({ what }) => !what.startsWith("call"))
    .map(({ what, model }) => `${what} ${model}`);
  expect(moves).toEqual(["load begins a", "loaded a", "unload begins a", "unloaded a", "load begins b", "loaded b"]);
});

test("who waits for a load whose holder is lost gets it nevertheless", async () => {
  const [one, two] = await setup([{ name: "a", vram_mb: 600, load_ms: 400 }]);
  const lost = one.gpu.use("a", { ...forever, deadline_ms: Date.now() + 1_000 }, world.call("a"));
  lost.catch(() => undefined);
  await world.server.happened("load begins", "a");
  const waiting = two.gpu.use("a", forever, world.call("a"));
  await until("both have their place", () => two.gpu.status()[0]!.loaded_models[0]!.holders.length === 2);
  await one.bus.close();
  expect(await waiting).toBe("a");
});

test("who waits loses its place with its process, and the line moves on", async () => {
  const [one, two] = await setup(AB);
  const three = await world.holder("three");
  const release = Promise.withResolvers<void>();
  const running = three.gpu.use("a", forever, () => release.promise);
  await world.server.happened("loaded", "a");
  one.gpu.use("b", { ...forever, deadline_ms: Date.now() + 500 }, world.call("b")).catch(() => undefined);
  await until("one waits", () => three.gpu.status()[0]!.pending_loads.length === 1);
  const next = two.gpu.use("b", forever, world.call("b"));
  await until("two waits", () => three.gpu.status()[0]!.pending_loads.length === 2);
  await one.bus.close();
  await until("one's place is free", () => three.gpu.status()[0]!.pending_loads.length === 1, { within_ms: 10_000 });
  release.resolve();
  await Promise.all([running, next]);
});

test("while the broker is away nobody's lease is taken over, and calls end; afterwards all go on", async () => {
  const [one, two] = await setup(AB);
  const call = callUntilAborted(one, "a");
  await call.begun;
  await until("two knows", () => two.gpu.status()[0]!.loaded_models.length === 1);
  await world.broker.nats.stop();
  expect(await call.reason).toMatchObject({ code: "GPU_LEASE_LOST" });
  await world.broker.nats.start();
  expect(await one.gpu.use("a", forever, world.call("a"))).toBe("a");
  expect(await two.gpu.use("b", forever, world.call("b"))).toBe("b");
  expect(world.server.events.filter(({ what }) => what === "load begins").map(({ model }) => model)).toEqual([
    "a",
    "b",
  ]);
});

test("a service that stops gives back what nobody there uses, and the rest when its calls end", async () => {
  const [one, two] = await setup(AB);
  const release = Promise.withResolvers<void>();
  const running = one.gpu.use("a", forever, () => release.promise);
  await world.server.happened("loaded", "a");
  one.stop();
  const other = two.gpu.use("b", forever, world.call("b"));
  await until("two waits", () => two.gpu.status()[0]!.pending_loads.length === 1);
  release.resolve();
  await running;
  await other;
  const { loaded_models } = two.gpu.status()[0]!;
  expect(loaded_models.map(({ name, holders }) => [name, holders])).toEqual([["b", ["two"]]]);
});

test("close() gives back what is in use, before it resolves, while another writes as well", async () => {
  const [one, two] = await setup([
    { name: "a", vram_mb: 300 },
    { name: "b", vram_mb: 300 },
  ]);
  const calls = [callUntilAborted(one, "a"), callUntilAborted(two, "b")];
  await Promise.all(calls.map(({ begun }) => begun));
  await Promise.all([one.gpu.close(), two.gpu.close()]);
  const { loaded_models } = await readCardStatus(world.card, createLeaseStore(world.broker.bus));
  // Whichever asked the key first was put in first.
  expect(Object.fromEntries(loaded_models.map(({ name, holders }) => [name, holders]))).toEqual({ a: [], b: [] });
  for (const { reason } of calls) expect(await reason).toMatchObject({ code: "GPU_LEASE_LOST" });
});

test("a key that is gone begins anew with what the servers have loaded", async () => {
  const [one] = await setup(AB);
  await one.gpu.use("a", forever, world.call("a"));
  await world.broker.bus.manager.streams.purge("KV_gpu", { filter: "$KV.gpu.card-0" });
  const fresh = await world.holder("fresh");
  await fresh.gpu.use("b", forever, world.call("b"));
  const moves = world.server.events
    .filter(({ what }) => !what.startsWith("call"))
    .map(({ what, model }) => `${what} ${model}`);
  expect(moves).toEqual(["load begins a", "loaded a", "unload begins a", "unloaded a", "load begins b", "loaded b"]);
});

test("a model that its server had loaded before it was added to the card counts", async () => {
  world = await startGpuWorld({ name: "a", vram_mb: 300 }, { name: "b", vram_mb: 600 }, { name: "c", vram_mb: 300 });
  const { models } = world.card;
  world.card.models = models.filter(({ name }) => name === "a");
  const before = await world.holder("before");
  await before.gpu.use("a", forever, world.call("a"));
  await fetch(`${world.server.url}/v2/repository/models/b/load`, { method: "POST" });
  world.card = { ...world.card, models };
  const after = await world.holder("after");
  await until("b counts", () => after.gpu.status()[0]!.vram_used_mb === 900);
  await after.gpu.use("c", forever, world.call("c"));
  expect(world.server.events.filter(({ what }) => what === "unloaded")).toHaveLength(1);
});

test("a key that is gone counts what no server tells of until it is unloaded, and nothing where nobody listens", async () => {
  world = await startGpuWorld(...AB, { name: "c", vram_mb: 600 });
  const [a, b, c] = world.card.models as [GpuModelConfig, GpuModelConfig, GpuModelConfig];
  const at = (name: string) => `${world.server.url}/v2/repository/models/${name}`;
  a.load = { kind: "webhook", load_url: `${at("a")}/load`, unload_url: `${at("a")}/unload` };
  c.load = { kind: "webhook", load_url: "http://127.0.0.1:9/load", unload_url: "http://127.0.0.1:9/unload" };
  b.load = { kind: "webhook", load_url: `${at("b")}/load`, unload_url: `${at("b")}/unload` };
  await fetch(a.load.load_url, { method: "POST" });
  const one = await world.holder("one");
  await one.gpu.use("b", forever, world.call("b"));
  const moves = world.server.events
    .filter(({ what }) => !what.startsWith("call"))
    .map(({ what, model }) => `${what} ${model}`);
  expect(moves).toEqual(["load begins a", "loaded a", "unload begins a", "unloaded a", "load begins b", "loaded b"]);
  expect(one.gpu.status()[0]!.loaded_models.map(({ name }) => name)).toEqual(["b"]);
});

test("a key that holds something else is left alone, and who waits is told", async () => {
  const [one] = await setup(AB);
  await world.broker.bus.publish("$KV.gpu.card-0", Buffer.from("not a card"));
  const waiting = one.gpu.use("a", { ...forever, deadline_ms: Date.now() + 500 }, world.call("a"));
  await expect(waiting).rejects.toMatchObject({ code: "MODEL_BUSY", cause: { code: "UNDECODABLE" } });
  expect(Buffer.from((await world.broker.bus.lastMessage("KV_gpu", "$KV.gpu.card-0"))!.body).toString()).toBe(
    "not a card",
  );
});
