import { fileURLToPath } from "node:url";
import { decodeBody } from "@gatehouse/events";
import { type CardState, GPU_TIMES, type GpuTimes } from "@gatehouse/models";
import { mesh } from "@gatehouse/streams";
import { type BrokerWorld, startBroker } from "../../harness/broker-world.ts";
import { seeded } from "../../harness/random.ts";
import type { GpuEvent } from "../../harness/simulated-gpu.ts";
import { cardOfTwenty, simulatedModels } from "./card-of-twenty.ts";
import { type GpuVerdict, judgeGpu, served } from "./gpu-verdict.ts";
import { LinesProcess } from "./lines-process.ts";
import { type CallerOrders, type CallNote, type GpuStory, sharedClockMs } from "./story.ts";

export interface GpuStormOptions {
  seconds: number;
  processes: number;
  /** In all processes together. */
  callers: number;
  /** Between two blows, on average. */
  every_ms: number;
  /** How long a pause lasts; longer than it takes until others take over. */
  pause_ms: number;
  seed: number;
  times?: Partial<GpuTimes>;
  /** A dead holder is out of the key after that time: 15 s unless the times are others. */
  gone_ms?: number;
}

const CALLERS = fileURLToPath(new URL("callers-main.ts", import.meta.url));
const CARD = fileURLToPath(new URL("card-main.ts", import.meta.url));

/** Callers in several processes share a card of 8 GB among 20 models while their processes are killed and paused. */
export async function gpuStorm(options: GpuStormOptions): Promise<GpuVerdict> {
  const times = { ...GPU_TIMES, ...options.times };
  const { buckets } = mesh();
  const broker = await startBroker({ streams: [], buckets: buckets.filter(({ name }) => name === "gpu") });
  const story: GpuStory = {
    card: cardOfTwenty(options.seed, ""),
    events: [],
    calls: [],
    blows: [],
    gone: [],
    calm_ms: Number.POSITIVE_INFINITY,
    writes: 0,
    conflicts: 0,
  };
  const { card, url } = await startCard(story);
  story.card = cardOfTwenty(options.seed, url);
  const watching = new AbortController();
  const watched = watchKey(broker, story, watching.signal);
  const slots = Array.from({ length: options.processes }, (_, i) => new Slot(i, { broker, story, options, url }));
  await strike(slots, options);
  story.calm_ms = sharedClockMs();
  await everybodysTurn(story, options.callers, times.wait_ms);
  await Promise.all(slots.map((slot) => slot.stop()));
  watching.abort();
  await watched;
  await card.stop();
  await broker.stop();
  const { wait_ms, lapse_ms } = times;
  return judgeGpu(story, { wait_ms, gone_ms: options.gone_ms ?? 15_000, lapse_ms, callers: options.callers });
}

async function startCard({ card, events }: GpuStory): Promise<{ card: LinesProcess; url: string }> {
  const told = Promise.withResolvers<string>();
  const child = new LinesProcess(CARD, simulatedModels(card), (line) => {
    if ("url" in line) told.resolve(String(line.url));
    else events.push(line as unknown as GpuEvent);
  });
  return { card: child, url: await told.promise };
}

/** Writes down when each holder leaves the key, and who is in it at the end. */
async function watchKey({ bus }: BrokerWorld, { gone }: GpuStory, signal: AbortSignal): Promise<void> {
  let there = new Set<string>();
  for await (const { body } of bus.follow("KV_gpu", "all", { signal })) {
    const { leases, waiters, models } = decodeBody(body).fields as unknown as CardState;
    const works = Object.values(models).flatMap(({ by }) => by ?? []);
    const now = new Set([...leases, ...waiters, ...works].map(({ holder }) => holder));
    for (const holder of there) if (!now.has(holder)) gone.push({ holder, at_ms: sharedClockMs() });
    there = now;
  }
  for (const holder of there) gone.push({ holder, at_ms: sharedClockMs() });
}

/** Resolves when each caller has had a turn since it is calm, or should have had. */
async function everybodysTurn(story: GpuStory, callers: number, most_ms: number): Promise<void> {
  while (served(story).size < callers && sharedClockMs() < story.calm_ms + most_ms) await sleep(100);
}

interface SlotParts {
  broker: BrokerWorld;
  story: GpuStory;
  options: GpuStormOptions;
  url: string;
}

/** A process of callers, and the one that takes its place when it is killed. */
class Slot {
  readonly #parts: SlotParts;
  readonly #index: number;
  #lives = 0;
  #child: LinesProcess;
  /** Until then it is paused. */
  paused = false;

  constructor(index: number, parts: SlotParts) {
    this.#index = index;
    this.#parts = parts;
    this.#child = this.#start();
  }

  get holder(): string {
    return `p${this.#index}.${this.#lives}`;
  }

  kill(): void {
    this.#parts.story.blows.push({ what: "kill", holder: this.holder, at_ms: sharedClockMs(), until_ms: null });
    this.#child.kill("SIGKILL");
    this.#lives++;
    this.#child = this.#start();
  }

  async pause(ms: number): Promise<void> {
    this.paused = true;
    const blow = {
      what: "pause" as const,
      holder: this.holder,
      at_ms: sharedClockMs(),
      until_ms: null as number | null,
    };
    this.#parts.story.blows.push(blow);
    this.#child.kill("SIGSTOP");
    await sleep(ms);
    this.#child.kill("SIGCONT");
    blow.until_ms = sharedClockMs();
    this.paused = false;
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }

  #start(): LinesProcess {
    const { broker, story, options, url } = this.#parts;
    const orders: CallerOrders = {
      holder: this.holder,
      nats: { url: broker.nats.url, user: broker.nats.user ?? "", password: broker.nats.password ?? "" },
      card: cardOfTwenty(options.seed, url),
      card_url: url,
      callers: options.callers / options.processes,
      seed: options.seed * 100 + this.#index * 10 + this.#lives,
      times: options.times ?? {},
    };
    return new LinesProcess(CALLERS, orders, (line) => {
      if (line.what === "call") story.calls.push(line as unknown as CallNote);
      else {
        story.writes += Number(line.writes);
        story.conflicts += Number(line.conflicts);
      }
    });
  }
}

/** One blow after the other; at most half of the processes are paused at a time. */
async function strike(slots: readonly Slot[], options: GpuStormOptions): Promise<void> {
  const { seconds, every_ms, pause_ms, seed } = options;
  const random = seeded(seed);
  const end_ms = sharedClockMs() + seconds * 1_000;
  const pauses: Promise<void>[] = [];
  while (sharedClockMs() < end_ms) {
    await sleep(Math.min(every_ms * (0.5 + random()), end_ms - sharedClockMs()));
    const awake = slots.filter(({ paused }) => !paused);
    const victim = awake[Math.floor(random() * awake.length)]!;
    const room = end_ms - sharedClockMs() > pause_ms && awake.length > slots.length / 2;
    if (room && random() < 0.35) pauses.push(victim.pause(pause_ms));
    else if (sharedClockMs() < end_ms) victim.kill();
  }
  await Promise.all(pauses);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
