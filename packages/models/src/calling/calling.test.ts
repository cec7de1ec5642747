import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { createDetector } from "../mod.ts";
import type { Calling } from "./calling.ts";
import { type Answer, json, startTestServer } from "./test-server.ts";

const never = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1), media_type: "image/webp", width: 10, height: 10 };

async function setup(
  answer: Answer,
  { in_flight = 64, timeout_ms = 2_000, ...calling }: Partial<Calling & { in_flight: number; timeout_ms: number }> = {},
) {
  const server = await startTestServer(answer);
  const detector = createDetector([{ kind: "http-detect", url: server.url, in_flight, timeout_ms }], {
    first_delay_ms: 1,
    ...calling,
  });
  return {
    server,
    detector,
    detect: (signal = never) => detector.detect(picture, { signal }),
    async [Symbol.asyncDispose]() {
      await detector.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const nothingFound = { detections: [] };

test("a call succeeds on its third try", async () => {
  await using at = await setup((_, response, count) => json(response, nothingFound, { status: count < 3 ? 503 : 200 }));
  await expect(at.detect()).resolves.toMatchObject(nothingFound);
  expect(at.server.requests).toHaveLength(3);
});

test("a call leaves a long Retry-After to its caller", async () => {
  await using at = await setup((_, response) => json(response, {}, { status: 503, headers: { "retry-after": "20" } }));
  await expect(at.detect()).rejects.toMatchObject({ code: "DETECTOR_DOWN", retry_after_ms: 20_000 });
  expect(at.server.requests).toHaveLength(1);
});

test("an aborted call closes its socket and frees its slot", async () => {
  await using at = await setup((_, response, count) => count > 1 && json(response, nothingFound), { in_flight: 1 });
  const caller = new AbortController();
  const call = at.detect(caller.signal);
  await at.server.received(1);
  const closed = once(at.server.sockets[0]!, "close");
  caller.abort(new Error("no longer wanted"));
  await expect(call).rejects.toThrow("no longer wanted");
  await closed;
  await expect(at.detect()).resolves.toMatchObject(nothingFound);
});

test("a call aborted between two tries ends at once", async () => {
  const caller = new AbortController();
  await using at = await setup((_, response) => json(response, {}, { status: 503, headers: { "retry-after": "2" } }));
  const call = at.detect(caller.signal);
  await at.server.received(1);
  caller.abort(new Error("no longer wanted"));
  await expect(call).rejects.toThrow("no longer wanted");
  expect(at.server.requests).toHaveLength(1);
});

test("no more calls are in flight than allowed, and no more wait than fit the queue", async () => {
  const open: (() => void)[] = [];
  await using at = await setup((_, response) => open.push(() => json(response, nothingFound)), {
    in_flight: 2,
    queue: 1,
  });
  const first = [at.detect(), at.detect()];
  await at.server.received(2);
  const waiting = at.detect();
  await expect(at.detect()).rejects.toMatchObject({ code: "MODEL_BUSY", facts: { in_flight: 2, waiting: 1 } });
  expect(at.server.requests).toHaveLength(2);
  for (const answer of open.splice(0)) answer();
  await Promise.all(first);
  await at.server.received(3);
  open[0]?.();
  await expect(waiting).resolves.toMatchObject(nothingFound);
});

test("an aborted call leaves the queue at once", async () => {
  await using at = await setup(() => {}, { in_flight: 1, queue: 1 });
  const held = new AbortController();
  const first = at.detect(held.signal);
  await at.server.received(1);
  const caller = new AbortController();
  const waiting = at.detect(caller.signal);
  caller.abort();
  await expect(waiting).rejects.toThrow("aborted");
  const next = at.detect(held.signal);
  held.abort();
  await expect(first).rejects.toThrow("aborted");
  await expect(next).rejects.toThrow("aborted");
});

test("a call waits for a slot no longer than an answer may take", async () => {
  await using at = await setup(() => {}, { in_flight: 1, timeout_ms: 50 });
  const codes = (await Promise.allSettled([at.detect(), at.detect()])).map(
    (call) => call.status === "rejected" && call.reason.code,
  );
  expect(codes).toContain("MODEL_TIMEOUT");
  expect(codes.every((code) => code === "MODEL_TIMEOUT" || code === "MODEL_BUSY")).toBe(true);
});

test("the circuit opens after five failures, half-opens after its time and closes when its trials go well", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    let status = 503;
    await using at = await setup((_, response) => json(response, nothingFound, { status }), { tries: 1 });
    const down = { code: "DETECTOR_DOWN", dependency: "detector" };
    for (let n = 0; n < 5; n++) await expect(at.detect()).rejects.toMatchObject({ ...down, facts: { status: 503 } });
    await expect(at.detect()).rejects.toMatchObject({ ...down, facts: { circuit: "open" }, retry_after_ms: 30_000 });
    await expect(at.detector.probe(never)).rejects.toMatchObject({ ...down, facts: { status: 503 } });
    await expect(at.detect()).rejects.toMatchObject({ facts: { circuit: "open" } });
    expect(at.server.requests).toHaveLength(6);

    vi.advanceTimersByTime(30_000);
    for (let n = 0; n < 2; n++) await expect(at.detect()).rejects.toMatchObject({ facts: { status: 503 } });
    await expect(at.detect()).rejects.toMatchObject({ facts: { circuit: "open" } });

    vi.advanceTimersByTime(30_000);
    status = 200;
    for (let n = 0; n < 4; n++) await at.detect();
    expect(at.server.requests).toHaveLength(12);
  } finally {
    vi.useRealTimers();
  }
});

test("a probe that goes well ends the wait of an open circuit", async () => {
  let status = 503;
  await using at = await setup((_, response) => json(response, nothingFound, { status }), { tries: 1 });
  for (let n = 0; n < 5; n++) await expect(at.detect()).rejects.toMatchObject({ facts: { status: 503 } });
  status = 200;
  await expect(at.detect()).rejects.toMatchObject({ facts: { circuit: "open" } });
  await at.detector.probe(never);
  await expect(at.detect()).resolves.toMatchObject(nothingFound);
});

test("retries count as failures of the server", async () => {
  await using at = await setup((request) => request.socket.destroy());
  await expect(at.detect()).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  await expect(at.detect()).rejects.toMatchObject({ code: "DETECTOR_DOWN", facts: { circuit: "open" } });
  expect(at.server.requests).toHaveLength(5);
});

test("refusals of an input do not open the circuit", async () => {
  await using at = await setup((_, response) => json(response, {}, { status: 400 }));
  for (let n = 0; n < 7; n++) await expect(at.detect()).rejects.toMatchObject({ code: "MODEL_REFUSED" });
  expect(at.server.requests).toHaveLength(7);
});
