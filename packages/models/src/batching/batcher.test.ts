import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { CallOptions } from "../calling/call-options.ts";
import { faultsOf } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError, ModelRefusedError } from "../errors.ts";
import { Batcher, type BatcherOptions } from "./batcher.ts";

const fault = faultsOf({
  action: "embed texts",
  server: "gpu:8000",
  model: "m",
  Down: DetectorDownError,
  Auth: DetectorAuthError,
});

interface Asked {
  items: readonly number[];
  options: CallOptions;
  /** Each item is answered with its tenfold unless others are given. */
  answer(answers?: readonly (number | Error)[]): void;
  fail(error: unknown): void;
}

/** A batcher of numbers whose batches are answered by hand. */
function setup(options: Partial<BatcherOptions<number, number>> = {}) {
  const batches: Asked[] = [];
  let told = Promise.withResolvers<void>();
  const run: BatcherOptions<number, number>["run"] = (items, options) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (number | Error)[]>();
    const answer = (answers: readonly (number | Error)[] = items.map((item) => item * 10)) => resolve(answers);
    batches.push({ items, options, answer, fail: reject });
    told.resolve();
    told = Promise.withResolvers();
    return promise;
  };
  const batcher = new Batcher<number, number>({ run, fault, ...options });
  return {
    batches,
    ask: (item: number, given: Partial<CallOptions> = {}) =>
      batcher.ask(item, { signal: new AbortController().signal, ...given }),
    /** The batch with that number, from 0, once it left. */
    async batch(at: number): Promise<Asked> {
      while (!batches[at]) await told.promise;
      return batches[at];
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

test("an item leaves at once while a slot is idle, with what came in the same turn", async () => {
  const { ask, batch, batches } = setup();
  const answers = [ask(1), ask(2)];
  await turn();
  expect(batches).toHaveLength(1);
  (await batch(0)).answer();
  expect(await Promise.all(answers)).toEqual([10, 20]);
});

test("items gather while the slot is busy, at most 32 leave the moment it frees, in order", async () => {
  const { ask, batch, batches } = setup();
  const answers = [ask(0)];
  const first = await batch(0);
  for (const item of range(1, 41)) answers.push(ask(item));
  await turn();
  expect(batches).toHaveLength(1);
  first.answer();
  const second = await batch(1);
  expect(second.items).toEqual(range(1, 33));
  second.answer();
  const third = await batch(2);
  expect(third.items).toEqual(range(33, 41));
  third.answer();
  expect(await Promise.all(answers)).toEqual(range(0, 41).map((item) => item * 10));
});

test("callers that are answered together leave together again", async () => {
  const { ask, batch } = setup();
  const again = range(0, 8).map((item) => ask(item).then(() => ask(item)));
  (await batch(0)).answer();
  const second = await batch(1);
  expect(second.items).toEqual(range(0, 8));
  second.answer();
  await Promise.all(again);
});

test("a second slot is used while the first is busy", async () => {
  const { ask, batch } = setup({ slots: 2 });
  const answers = [ask(1)];
  await batch(0);
  answers.push(ask(2));
  expect((await batch(1)).items).toEqual([2]);
  for (const at of [0, 1]) (await batch(at)).answer();
  expect(await Promise.all(answers)).toEqual([10, 20]);
});

test("an item without a deadline is passed by later ones for half a minute at most", async () => {
  const { ask, batch } = setup({ max_items: 1 });
  const answers = [ask(0)];
  const first = await batch(0);
  answers.push(ask(1), ask(2, { deadline_ms: Date.now() + 60_000 }));
  first.answer();
  expect((await batch(1)).items).toEqual([1]);
  for (const at of [1, 2]) (await batch(at)).answer();
  expect(await Promise.all(answers)).toEqual([0, 10, 20]);
});

test("the more urgent leave first", async () => {
  const { ask, batch } = setup({ max_items: 3 });
  const answers = [ask(0)];
  const first = await batch(0);
  const soon = { deadline_ms: Date.now() + 10_000 };
  answers.push(ask(1, { priority: 3 }), ask(2), ask(3, soon), ask(4, { priority: 0 }));
  first.answer();
  const second = await batch(1);
  expect([second.items, second.options.priority]).toEqual([[4, 3, 2], 0]);
  second.answer();
  (await batch(2)).answer();
  expect(await Promise.all(answers)).toEqual([0, 10, 20, 30, 40]);
});

test("a full queue refuses at once with MODEL_BUSY; a list that has another entry lets one batch wait", async () => {
  const { ask, batch } = setup({ queue: 4, max_items: 2 });
  const answers = [ask(0)];
  const first = await batch(0);
  answers.push(ask(1), ask(2));
  await expect(ask(3, { may_wait: false })).rejects.toMatchObject({ code: "MODEL_BUSY", facts: { waiting: 2 } });
  answers.push(ask(3), ask(4));
  await expect(ask(5)).rejects.toMatchObject({ code: "MODEL_BUSY", facts: { in_flight: 1, waiting: 4 } });
  first.answer();
  for (const at of [1, 2]) (await batch(at)).answer();
  expect(await Promise.all(answers)).toEqual([0, 10, 20, 30, 40]);
});

test("a caller that gives up leaves the queue at once, and one in a batch harms nobody", async () => {
  const { ask, batch } = setup();
  const [in_batch, in_queue] = [new AbortController(), new AbortController()];
  const answers = [ask(1), ask(3)];
  const gone = ask(2, { signal: in_batch.signal });
  const first = await batch(0);
  const waiting = ask(4, { signal: in_queue.signal });
  answers.push(ask(5));
  in_batch.abort(new Error("no longer wanted"));
  in_queue.abort("hung up");
  await expect(gone).rejects.toThrow("no longer wanted");
  await expect(waiting).rejects.toBe("hung up");
  expect(first.options.signal.aborted).toBe(false);
  first.answer();
  const second = await batch(1);
  expect(second.items).toEqual([5]);
  second.answer();
  expect(await Promise.all(answers)).toEqual([10, 30, 50]);
});

test("the batch's signal aborts when all of its callers gave up, and the next batch leaves when it ended", async () => {
  const { ask, batch } = setup();
  const caller = new AbortController();
  const gone = [ask(1, { signal: caller.signal }), ask(2, { signal: caller.signal })];
  const first = await batch(0);
  const next = ask(3);
  caller.abort(new Error("no longer wanted"));
  for (const call of gone) await expect(call).rejects.toThrow("no longer wanted");
  expect(first.options.signal.aborted).toBe(true);
  first.fail(first.options.signal.reason);
  (await batch(1)).answer();
  expect(await next).toBe(30);
});

test("a deadline that passes ends the wait in the queue and in a batch, and nobody else's", async () => {
  const { ask, batch } = setup();
  const deadline_ms = Date.now() + 10;
  const isLate = (call: Promise<number>) =>
    expect(call).rejects.toMatchObject({ code: "MODEL_TIMEOUT", facts: { of: "caller" } });
  const late = [isLate(ask(1, { deadline_ms }))];
  const answers = [ask(2)];
  const first = await batch(0);
  late.push(isLate(ask(3, { deadline_ms })));
  answers.push(ask(4));
  await Promise.all(late);
  first.answer();
  const second = await batch(1);
  expect(second.items).toEqual([4]);
  second.answer();
  expect(await Promise.all(answers)).toEqual([20, 40]);
});

test("an item without a deadline waits for a slot no longer than wait_ms, and for its answer as long as it takes", async () => {
  const { ask, batch } = setup({ wait_ms: 10 });
  const answered = ask(1);
  const first = await batch(0);
  await expect(ask(2)).rejects.toMatchObject({ code: "MODEL_BUSY", facts: { in_flight: 1, waiting: 1 } });
  const patient = ask(3, { deadline_ms: Date.now() + 60_000 });
  await expect(ask(4)).rejects.toMatchObject({ code: "MODEL_BUSY", facts: { waiting: 2 } });
  first.answer();
  expect(await answered).toBe(10);
  const second = await batch(1);
  expect(second.items).toEqual([3]);
  second.answer();
  expect(await patient).toBe(30);
});

test("an error in the answers fails its item alone", async () => {
  const { ask, batch } = setup();
  const calls = range(1, 4).map((item) => ask(item));
  (await batch(0)).answer([10, new ModelRefusedError("Cannot embed as the text must be short"), 30]);
  const [first, second, third] = await Promise.allSettled(calls);
  expect([first, third]).toMatchObject([{ value: 10 }, { value: 30 }]);
  expect(second).toMatchObject({ reason: { code: "MODEL_REFUSED" } });
});

test("a failure of the whole batch fails all of it, and so does an answer of another length", async () => {
  const { ask, batch } = setup();
  let calls = [ask(1), ask(2)];
  (await batch(0)).fail(new DetectorDownError("Cannot embed"));
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  calls = [ask(1), ask(2)];
  (await batch(1)).answer([10]);
  for (const call of calls)
    await expect(call).rejects.toMatchObject({
      code: "MODEL_ANSWER",
      message: expect.stringContaining("the answer must hold 2 results: current value is 1"),
    });
});

test("a batch that is refused whole is parted until the refused item is alone", async () => {
  const asked: number[][] = [];
  const { ask } = setup({
    run: async (items) => {
      asked.push([...items]);
      if (items.includes(3)) throw new ModelRefusedError("Cannot embed as a text is too long");
      return items.map((item) => item * 10);
    },
  });
  const calls = await Promise.allSettled(range(1, 5).map((item) => ask(item)));
  expect(calls.map((call) => (call.status === "fulfilled" ? call.value : call.reason.code))).toEqual([
    10,
    20,
    "MODEL_REFUSED",
    40,
  ]);
  expect(asked).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
});

test("the observer is told of each batch: its size, its items' waits and who stays behind", async () => {
  const left: { items: number; still_waiting: number }[] = [];
  const observer = {
    left: ({ waited_ms, still_waiting }: { waited_ms: readonly number[]; still_waiting: number }) => {
      for (const ms of waited_ms) expect(ms).toBeGreaterThanOrEqual(0);
      left.push({ items: waited_ms.length, still_waiting });
    },
  };
  const { ask, batch } = setup({ max_items: 2, observer });
  const answers = range(1, 4).map((item) => ask(item));
  for (const at of [0, 1]) (await batch(at)).answer();
  await Promise.all(answers);
  expect(left).toEqual([
    { items: 2, still_waiting: 1 },
    { items: 1, still_waiting: 0 },
  ]);
});

test("10,000 callers at once: a batch and the queue take their number, all others are refused at once", async () => {
  const { ask } = setup({ run: async (items) => [...items] });
  const calls = await Promise.allSettled(range(0, 10_000).map((item) => ask(item)));
  const refused = calls.filter((call) => call.status === "rejected");
  expect(refused).toHaveLength(10_000 - 4_096);
  for (const { reason } of refused) expect(reason.code).toBe("MODEL_BUSY");
});
