import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { type CallOptions, createDetector } from "../mod.ts";
import { CALLING } from "./calling.ts";
import { type Answer, bodyOf, json, startTestServer } from "./test-server.ts";

const signal = new AbortController().signal;
const nothingFound = { detections: [] };

/** A detector with one slot unless said; `source` names a call. */
async function setup(answer: Answer, { in_flight = 1, timeout_ms = 20_000 } = {}) {
  const server = await startTestServer(answer);
  const detector = createDetector([{ kind: "http-detect", url: server.url, in_flight, timeout_ms }]);
  return {
    server,
    detect: (source: string, options: Partial<CallOptions> = {}) =>
      detector.detect(
        { bytes: Uint8Array.of(1), media_type: "image/webp", width: 1, height: 1, source },
        { signal: new AbortController().signal, ...options },
      ),
    async [Symbol.asyncDispose]() {
      await detector.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("calls that wait go out by priority, then by deadline, then by arrival", async () => {
  const order: string[] = [];
  const first = Promise.withResolvers<ServerResponse>();
  await using at = await setup(async (request, response, count) => {
    order.push(/name="source"\r\n\r\n(\w+)/.exec((await bodyOf(request)).toString())![1]!);
    if (count === 1) first.resolve(response);
    else json(response, nothingFound);
  });
  const in_ms = (ms: number) => ({ deadline_ms: Date.now() + ms });
  const calls = [
    at.detect("first"),
    at.detect("room", { priority: 3 }),
    at.detect("usual"),
    at.detect("usual_too"),
    at.detect("usual_soon", in_ms(10_000)),
    at.detect("somebody", { priority: 1, ...in_ms(60_000) }),
    at.detect("danger", { priority: 0 }),
  ];
  json(await first.promise, nothingFound);
  await Promise.all(calls);
  expect(order).toEqual(["first", "danger", "somebody", "usual_soon", "usual", "usual_too", "room"]);
});

test("a call whose deadline passes ends with MODEL_TIMEOUT, closes its socket and is not held against the server", async () => {
  await using at = await setup(() => {});
  for (let n = 0; n < CALLING.breaker_failures + 1; n++) {
    const call = at.detect("gate", { deadline_ms: Date.now() + 20 });
    await expect(call).rejects.toMatchObject({ code: "MODEL_TIMEOUT", facts: { of: "caller" } });
  }
  for (const socket of at.server.sockets) if (!socket.destroyed) await once(socket, "close");
  await expect(at.detect("gate", { deadline_ms: Date.now() - 1 })).rejects.toMatchObject({ code: "MODEL_TIMEOUT" });
});

test("10,000 callers at once: slots and queue take their number, all others are refused at once", async () => {
  await using at = await setup((_, response) => json(response, nothingFound), { in_flight: 64 });
  const taken = 64 + CALLING.queue;
  const calls = Array.from({ length: 10_000 }, (_, n) => at.detect(`s${n}`));
  for (const call of await Promise.allSettled(calls.slice(taken)))
    expect(call).toMatchObject({ reason: { code: "MODEL_BUSY", facts: { in_flight: 64, waiting: CALLING.queue } } });
  expect(at.server.requests).toHaveLength(0);
  await Promise.all(calls.slice(0, taken));
  expect(at.server.requests).toHaveLength(taken);
});

test("a list asks the next entry while the first has no free slot, and waits only when all are taken", async () => {
  const open: ServerResponse[] = [];
  await using first = await startTestServer((_, response) => open.push(response));
  await using second = await startTestServer((_, response) => open.push(response));
  const detector = createDetector(
    [first, second].map(({ url }) => ({ kind: "http-detect" as const, url, in_flight: 1, timeout_ms: 20_000 })),
  );
  const picture = { bytes: Uint8Array.of(1), media_type: "image/webp", width: 1, height: 1 };
  const calls = [detector.detect(picture, { signal })];
  await first.received(1);
  calls.push(detector.detect(picture, { signal }));
  await second.received(1);
  calls.push(detector.detect(picture, { signal }));
  json(open[0]!, nothingFound);
  await first.received(2);
  for (const response of open.slice(1)) json(response, nothingFound);
  await Promise.all(calls);
  expect([first.requests.length, second.requests.length]).toEqual([2, 1]);
  await detector.close();
});
