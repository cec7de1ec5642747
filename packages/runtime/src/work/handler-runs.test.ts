import { expect, test, vi } from "vitest";
import { HandlingTimeoutError } from "../errors.ts";
import type { Log } from "../log.ts";
import { ack } from "../verdict.ts";
import { HandlerRuns } from "./handler-runs.ts";
import type { Leash } from "./leash.ts";

function setup() {
  const stop = new AbortController();
  const errors: string[] = [];
  const log = { error: (_: object, sentence: string) => errors.push(sentence) } as unknown as Log;
  return { stop, errors, runs: new HandlerRuns(stop.signal, log) };
}

/** A handler that listens to its signal. */
const untilAborted = ({ signal }: Leash): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

test("run() gives the verdict, or what was thrown", async () => {
  const { runs } = setup();
  expect(await runs.run(async () => ack, 1_000)).toEqual({ kind: "verdict", verdict: ack });
  const error = new TypeError("a bug");
  expect(await runs.run(() => Promise.reject(error), 1_000)).toEqual({ kind: "threw", error });
});

test("run() aborts each handler's signal after its own time", async () => {
  const { runs } = setup();
  const long = runs.run(untilAborted, 40);
  const short = runs.run(untilAborted, 10);
  const first = await Promise.race([long.then(() => "long"), short.then(() => "short")]);
  expect(first).toBe("short");
  for (const outcome of await Promise.all([short, long]))
    expect(outcome).toMatchObject({ kind: "threw", error: expect.any(HandlingTimeoutError) });
});

test("run() stops handlers that listen when the service stops, and those that begin after it", async () => {
  const { runs, stop } = setup();
  const before = runs.run(untilAborted, 60_000);
  stop.abort();
  expect(await before).toEqual({ kind: "stopped" });
  expect(await runs.run(untilAborted, 60_000)).toEqual({ kind: "stopped" });
});

test("run() aborts a handler whose work is lost, and begins none whose work was lost before", async () => {
  const { runs } = setup();
  const lost = new AbortController();
  const running = runs.run(untilAborted, 60_000, lost.signal);
  lost.abort("another has it");
  expect(await running).toEqual({ kind: "threw", error: "another has it" });
  const never = () => Promise.reject(new Error("must not begin"));
  expect(await runs.run(never, 60_000, lost.signal)).toEqual({ kind: "stopped" });
});

test("run() keeps a verdict that came although the service stops", async () => {
  const { runs, stop } = setup();
  const finish = Promise.withResolvers<typeof ack>();
  const running = runs.run(() => finish.promise, 60_000);
  stop.abort();
  finish.resolve(ack);
  expect(await running).toEqual({ kind: "verdict", verdict: ack });
});

test("run() leaves a handler behind that does not listen, 5 s after its time, and tells", async () => {
  vi.useFakeTimers();
  try {
    const { runs, errors } = setup();
    const running = runs.run(() => new Promise(() => {}), 1_000);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(await running).toMatchObject({ kind: "threw", error: expect.any(HandlingTimeoutError) });
    expect(errors).toEqual(["handler left behind as it does not listen to its signal"]);
  } finally {
    vi.useRealTimers();
  }
});
