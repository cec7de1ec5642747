import { setTimeout as wait } from "node:timers/promises";
import { Batcher } from "@gatehouse/models";
import { seeded } from "../../harness/random.ts";
import { serve } from "../measure/actor.ts";
import { percentile } from "../measure/spread.ts";
import { FixedWindow } from "./fixed-window.ts";
import { MAX_ITEMS, SerialGpu } from "./gpu.ts";
import type { Load, Played, Variant } from "./wire.ts";

type Ask = (item: number, signal: AbortSignal) => Promise<number>;

/** One way to the card, each with a card of its own. */
function askerOf(variant: Variant): Ask {
  const gpu = new SerialGpu();
  if (variant === "none") return async (item) => (await gpu.run([item]))[0]!;
  if (variant === "fixed") {
    const window = new FixedWindow((items) => gpu.run(items));
    return (item) => window.ask(item);
  }
  const batcher = new Batcher<number, number>({
    run: (items) => gpu.run(items),
    max_items: MAX_ITEMS,
    fault: (Class, reason) => new Class(`Cannot ask the card as ${reason}`),
  });
  return (item, signal) => batcher.ask(item, { signal });
}

/** Plays a load. @throws when an answer is another item's */
async function play({ variant, load }: { variant: Variant; load: Load }): Promise<Played> {
  if (variant === "card") return playFull(load);
  const ask = askerOf(variant);
  const taken_ms: number[] = [];
  let items = 0;
  const once = async (): Promise<void> => {
    const item = ++items;
    const began_ms = performance.now();
    const answer = await ask(item, new AbortController().signal);
    taken_ms.push(performance.now() - began_ms);
    if (answer !== item * 2) throw new Error(`item ${item} was answered ${answer}`);
  };
  const began_ms = performance.now();
  await (load.rate === undefined ? again(once, load, began_ms) : atRandom(once, load, began_ms));
  const elapsed_ms = performance.now() - began_ms;
  taken_ms.sort((a, b) => a - b);
  return {
    answers: taken_ms.length,
    elapsed_ms,
    p50_ms: percentile(taken_ms, 50),
    p99_ms: percentile(taken_ms, 99),
  };
}

/** Full batches, one after the other: nobody can be faster. */
async function playFull({ ms }: Load): Promise<Played> {
  const gpu = new SerialGpu();
  const full = Array.from({ length: MAX_ITEMS }, (_, item) => item);
  const began_ms = performance.now();
  let answers = 0;
  while (performance.now() < began_ms + ms) answers += (await gpu.run(full)).length;
  const elapsed_ms = performance.now() - began_ms;
  const batch_ms = (elapsed_ms * MAX_ITEMS) / answers;
  return { answers, elapsed_ms, p50_ms: batch_ms, p99_ms: batch_ms };
}

/** Each caller again as soon as it is answered, until time is up. */
async function again(once: () => Promise<void>, { callers = 1, ms }: Load, began_ms: number): Promise<void> {
  const caller = async () => {
    while (performance.now() < began_ms + ms) await once();
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Calls at random times, whatever became of those before (Poisson); those that are due when a timer was late go together. */
async function atRandom(once: () => Promise<void>, { rate = 1, ms, seed }: Load, began_ms: number): Promise<void> {
  const random = seeded(seed);
  const calls: Promise<void>[] = [];
  let due_ms = began_ms;
  for (;;) {
    due_ms += (-Math.log(1 - random()) * 1_000) / rate;
    if (due_ms > began_ms + ms) break;
    const early_ms = due_ms - performance.now();
    if (early_ms > 0) await wait(early_ms);
    calls.push(once());
  }
  await Promise.all(calls);
}

/** 64 callers, of which one gives up: how many of the others are answered. */
async function cancelOne(): Promise<number> {
  const ask = askerOf("ours");
  const caller = new AbortController();
  const gone = ask(0, caller.signal);
  const others = Array.from({ length: 63 }, (_, n) => ask(n + 1, new AbortController().signal));
  await new Promise((resolve) => setImmediate(resolve)); // the first batch has left
  caller.abort(new Error("no longer wanted"));
  const [given_up] = await Promise.allSettled([gone]);
  if (given_up.status === "fulfilled") throw new Error("who gave up was answered");
  return (await Promise.all(others)).filter((answer, n) => answer === (n + 1) * 2).length;
}

const operations = { play, cancelOne };
export type Operations = typeof operations;

serve(operations);
