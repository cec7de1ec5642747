import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { SinkTimeoutError } from "./errors.ts";
import { offerFrame } from "./offer-frame.ts";
import type { SimulatedFrame, Sink } from "./sink.ts";

const frame: SimulatedFrame = {
  camera_id: "gate",
  frame_id: "gate-1",
  captured_at_ms: 1,
  jpeg: Uint8Array.of(255),
  truths: [],
};

function offer(sink: Sink, { give_up_after_ms = 10_000, stopping = new AbortController().signal } = {}) {
  return offerFrame(frame, { sink, clock: systemClock, patience: { give_up_after_ms, retry_after_ms: 2 }, stopping });
}

test("offerFrame() offers the same frame again until it is taken", async () => {
  const seen: string[] = [];
  const outcome = await offer(async ({ frame_id }) => {
    seen.push(frame_id);
    if (seen.length < 3) throw new Error("no space left");
  });
  expect(outcome).toEqual({ sent: true, attempts: 3 });
  expect(seen).toEqual(["gate-1", "gate-1", "gate-1"]);
});

test("offerFrame() gives up with the sink's error when the time is over", async () => {
  const full = new Error("no space left");
  const outcome = await offer(async () => Promise.reject(full), { give_up_after_ms: 30 });
  expect(outcome).toMatchObject({ sent: false, failure: full });
  expect(outcome.attempts).toBeGreaterThan(1);
});

test("offerFrame() aborts a sink that never answers, and does not wait for it", async () => {
  let given: AbortSignal | undefined;
  const outcome = await offer(
    (_, { signal }) => {
      given = signal;
      return new Promise(() => {});
    },
    { give_up_after_ms: 10 },
  );
  expect(outcome).toMatchObject({ sent: false, attempts: 1 });
  expect(outcome.sent || outcome.failure).toBeInstanceOf(SinkTimeoutError);
  expect(given!.aborted).toBe(true);
});

test("offerFrame() takes a sink that throws at once for one that failed", async () => {
  const outcome = await offer(
    () => {
      throw new Error("not connected");
    },
    { give_up_after_ms: 5 },
  );
  expect(outcome.sent).toBe(false);
});

test("offerFrame() asks a failed sink no more once the camera stops", async () => {
  const stopper = new AbortController();
  let calls = 0;
  const outcome = await offer(
    async () => {
      calls++;
      stopper.abort();
      throw new Error("broker away");
    },
    { stopping: stopper.signal },
  );
  expect(outcome).toMatchObject({ sent: false, attempts: 1 });
  expect(calls).toBe(1);
});
