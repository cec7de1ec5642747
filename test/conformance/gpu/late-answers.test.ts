import { createGpu, type Gpu } from "@gatehouse/models";
import { BusUnavailableError, createLeaseStore, type LeaseStore } from "@gatehouse/runtime";
import { afterEach, expect, test } from "vitest";
import { openTestBus } from "../../harness/broker-world.ts";
import { until } from "../../harness/until.ts";
import { type GpuWorld, QUICK, startGpuWorld } from "./gpu-world.ts";

const forever = { signal: new AbortController().signal };
/** Nobody lapses or is taken over while a test holds answers back. */
const PATIENT = { ...QUICK, renew_ms: 10_000, lapse_ms: 20_000, take_over_ms: 30_000 };
let world: GpuWorld;
afterEach(() => world.stop());

/** A holder whose store's answers pass through `through`. */
async function holderBehind(through: (store: LeaseStore) => Partial<LeaseStore>): Promise<Gpu & AsyncDisposable> {
  const bus = await openTestBus(world.broker);
  const store = createLeaseStore(bus);
  const options = { holder: "slow", signal: forever.signal, times: PATIENT };
  const gpu = createGpu({ cards: [world.card] }, { ...options, store: { ...store, ...through(store) } });
  return Object.assign(gpu, {
    async [Symbol.asyncDispose]() {
      await gpu.close();
      await bus.close();
    },
  });
}

const loaded = (gpu: Gpu): string[] => gpu.status()[0]!.loaded_models.map(({ name }) => name);

test("an answer that is older than what was told meanwhile changes nothing", async () => {
  world = await startGpuWorld({ name: "a", vram_mb: 300 }, { name: "b", vram_mb: 300 });
  const { gpu: quick } = await world.holder("quick", PATIENT);
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await quick.use("a", forever, world.call("a"));
  let reads = 0;
  await using slow = await holderBehind((store) => ({
    async read(card) {
      const entry = await store.read(card);
      if (++reads !== 2) return entry;
      held.resolve();
      await release.promise;
      setImmediate(answered.resolve);
      return entry;
    },
  }));
  await slow.use("a", forever, world.call("a"));
  await held.promise;
  await quick.use("b", forever, world.call("b"));
  await until("it is told", () => loaded(slow).includes("b"));
  release.resolve();
  await answered.promise;
  expect(loaded(slow)).toEqual(["a", "b"]);
});

test("an unload whose confirmation was written unnoticed is not told again of a model that was loaded since", async () => {
  world = await startGpuWorld(
    { name: "a", vram_mb: 600, load_ms: 800 },
    { name: "c", vram_mb: 600, priority: "low", load_ms: 5 },
  );
  const { gpu: quick } = await world.holder("quick", PATIENT);
  const away = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  let gone = false;
  await using slow = await holderBehind((store) => ({
    async read(card) {
      if (gone) await back.promise;
      return store.read(card);
    },
    async write(card, body, revision) {
      const written = await store.write(card, body, revision);
      if (gone || !world.server.events.some(({ what }) => what === "unloaded") || written === null) return written;
      gone = true;
      away.resolve();
      throw new BusUnavailableError("Cannot write as the answer must come: it did not");
    },
    async *watch(card, signal) {
      for await (const entry of store.watch(card, signal)) {
        if (gone) await back.promise;
        yield entry;
      }
    },
  }));
  await quick.use("a", forever, world.call("a"));
  const last = slow.use("c", forever, world.call("c"));
  await world.server.happened("unload begins", "a");
  const again = quick.use("a", { ...forever, priority: 0 }, world.call("a"));
  await away.promise;
  await again;
  await until("it is to be unloaded again", () => quick.status()[0]!.loaded_models[0]!.state === "unloading");
  back.resolve();
  await last;
  const moves = world.server.events.filter(({ what }) => !what.startsWith("call")).map((e) => `${e.what} ${e.model}`);
  const cycle = ["load begins a", "loaded a", "unload begins a", "unloaded a"];
  expect(moves).toEqual([...cycle, ...cycle, "load begins c", "loaded c"]);
});
