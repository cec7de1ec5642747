import { type CardConfig, createGpu, type Gpu, type GpuModelConfig, type GpuTimes } from "@gatehouse/models";
import { createLeaseStore, type NatsBus } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { type BrokerWorld, openTestBus, startBroker } from "../../harness/broker-world.ts";
import { infer, type SimulatedGpu, startSimulatedGpu } from "../../harness/simulated-gpu.ts";

/** Holders that notice each other's death within two seconds. */
export const QUICK: Partial<GpuTimes> = {
  renew_ms: 300,
  lapse_ms: 800,
  take_over_ms: 1_500,
  look_ms: 150,
  aging_ms: 1_000,
  again_ms: 500,
  unload_again_ms: 500,
};

export type TestModel = Partial<GpuModelConfig> & { name: string; vram_mb: number; load_ms?: number };

/** One more process, as far as leases go. */
export interface TestHolder {
  gpu: Gpu;
  /** Its own connection to the broker. */
  bus: NatsBus;
  /** The service stops. */
  stop(): void;
}

/** A broker, and a simulated card with a budget of 1,000 MB. */
export interface GpuWorld {
  broker: BrokerWorld;
  server: SimulatedGpu;
  /** What holders are made with from now on. */
  card: CardConfig;
  holder(name: string, times?: Partial<GpuTimes>): Promise<TestHolder>;
  /** A call of the model on the server. */
  call(model: string, ms?: number): (signal: AbortSignal) => Promise<string>;
  stop(): Promise<void>;
}

export async function startGpuWorld(...models: TestModel[]): Promise<GpuWorld> {
  const { buckets } = mesh();
  const broker = await startBroker({ streams: [], buckets: buckets.filter(({ name }) => name === "gpu") });
  const server = await startSimulatedGpu({
    models: models.map(({ name, vram_mb, load_ms = 5 }) => ({ name, vram_mb, load_ms })),
  });
  const holders: TestHolder[] = [];
  const world: GpuWorld = {
    broker,
    server,
    card: cardOf(models, server.url),
    async holder(name, times = {}) {
      const bus = await openTestBus(broker);
      const stopping = new AbortController();
      const store = createLeaseStore(bus);
      const options = { store, holder: name, signal: stopping.signal, times: { ...QUICK, ...times } };
      const holder = { gpu: createGpu({ cards: [world.card] }, options), bus, stop: () => stopping.abort() };
      holders.push(holder);
      return holder;
    },
    call:
      (model, ms = 1) =>
      (signal) =>
        infer(server.url, { model, ms, signal }),
    async stop() {
      await Promise.all(holders.map(({ gpu }) => gpu.close()));
      await Promise.all(holders.map(({ bus }) => bus.close()));
      await server[Symbol.asyncDispose]();
      await broker.stop();
    },
  };
  return world;
}

function cardOf(models: readonly TestModel[], url: string): CardConfig {
  const usual = { priority: "normal", resident: false, idle_unload_s: 300, load: { kind: "triton", url } } as const;
  return {
    id: "card-0",
    vram_mb: 1_100,
    reserved_mb: 100,
    models: models.map(({ load_ms: _, ...model }) => ({ ...usual, ...model })),
  };
}
