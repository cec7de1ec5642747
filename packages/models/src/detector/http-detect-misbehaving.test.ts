import { expect, test } from "vitest";
import { type Answer, json, startTestServer } from "../calling/test-server.ts";
import { createDetector } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2, 3), media_type: "image/png", width: 200, height: 100 };
const calling = { tries: 2, first_delay_ms: 1, answer_bytes: 100_000 };

async function failureOf(answer: Answer, timeout_ms = 2_000) {
  await using server = await startTestServer(answer);
  const detector = createDetector([{ kind: "http-detect", url: server.url, timeout_ms }], calling);
  const failure = await detector.detect(picture, { signal }).then(
    () => undefined,
    (error) => error,
  );
  await detector.close();
  expect(failure.message).toContain(`Cannot detect objects at "${server.host}" as `);
  return { failure, requests: server.requests.length };
}

const withBox = (bbox: object): Answer => {
  return (_, response) => json(response, { detections: [{ class: "car", confidence: 0.5, bbox }] });
};
const text = (body: string): Answer => {
  return (_, response) => response.writeHead(200, { "content-type": "text/html" }).end(body);
};

test.each<[string, Answer, string]>([
  [
    "something else than JSON",
    text("<h1>It works</h1>"),
    'the answer must be JSON: current value is "<h1>It works</h1>"',
  ],
  ["NaN", text('{"detections":[{"class":"a","confidence":NaN}]}'), "the answer must be JSON"],
  [
    "null in a box",
    withBox({ x: null, y: 0, width: 1, height: 1 }),
    "detections[0].bbox.x must be a number: current value is null",
  ],
  [
    "an infinite box",
    text('{"detections":[{"class":"a","confidence":1,"bbox":{"x":1e999,"y":0,"width":1,"height":1}}]}'),
    "detections[0].bbox.x must be a number",
  ],
  [
    "a box wholly outside",
    withBox({ x: 200, y: 0, width: 10, height: 10 }),
    "detections[0].bbox must lie in the picture of 200 x 100",
  ],
  [
    "a box of negative size",
    withBox({ x: 20, y: 0, width: -10, height: 10 }),
    "detections[0].bbox must lie in the picture",
  ],
  ["no detections", text("{}"), "detections is missing"],
  ["an error under a 200", text('{"error":"out of memory"}'), 'it is the error "out of memory"'],
  [
    "a bare 500",
    (_, response) => json(response, { detail: "CUDA" }, { status: 500 }),
    'the status must be 200: current value is 500 "CUDA"',
  ],
  [
    "half an answer",
    (_, response) => response.writeHead(200, { "content-length": "100" }).write('{"detec', () => response.destroy()),
    "the answer must be whole",
  ],
  ["an answer too large", text("x".repeat(100_001)), "the answer must be at most 100000 bytes"],
])("detect() says what was wanted when the server gives %s", async (_, answer, message) => {
  const { failure, requests } = await failureOf(answer);
  expect(failure).toMatchObject({ code: "MODEL_ANSWER", retry: "unknown", message: expect.stringContaining(message) });
  expect(requests).toBe(1);
});

test.each([
  [400, "MODEL_REFUSED", "never", 1],
  [413, "MODEL_REFUSED", "never", 1],
  [415, "MODEL_REFUSED", "never", 1],
  [422, "MODEL_REFUSED", "never", 1],
  [401, "DETECTOR_AUTH", "later", 1],
  [403, "DETECTOR_AUTH", "later", 1],
  [404, "DETECTOR_DOWN", "later", 1],
  [502, "DETECTOR_DOWN", "later", 1],
  [429, "MODEL_BUSY", "later", 2],
  [503, "DETECTOR_DOWN", "later", 2],
])("detect() turns status %i into %s, retry %s, after %i requests", async (status, code, retry, tries) => {
  const { failure, requests } = await failureOf((_, response) => json(response, { error: "no" }, { status }));
  expect(failure).toMatchObject({ code, retry, facts: { status } });
  expect(requests).toBe(tries);
});

test("detect() keeps a server's words to 300 characters on one line", async () => {
  const words = { detail: [{ loc: ["body", "image"], msg: `too\nlarge ${"x".repeat(500)}`, input: "private" }] };
  const { failure } = await failureOf((_, response) => json(response, words, { status: 422 }));
  const said = /422 "(.*)"$/.exec(failure.message)?.[1] ?? "";
  expect(said).toHaveLength(300);
  expect(said).toMatch(/^body\.image: too large x+\.\.\.$/);
});

test("detect() follows no redirect", async () => {
  const { failure, requests } = await failureOf((_, response) => response.writeHead(307, { location: "/other" }).end());
  expect(failure).toMatchObject({ code: "DETECTOR_DOWN", facts: { status: 307 } });
  expect(requests).toBe(1);
});

test("detect() tries again when the socket is closed before an answer", async () => {
  const { failure, requests } = await failureOf((request) => request.socket.destroy());
  expect(failure).toMatchObject({ code: "DETECTOR_DOWN", dependency: "detector" });
  expect(requests).toBe(2);
});

test("detect() gives up on a server that never answers", async () => {
  const { failure } = await failureOf(() => {}, 50);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", retry: "later", dependency: null });
});

test("detect() gives up on a server that sends a byte now and then", async () => {
  const { failure } = await failureOf((_, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(drip));
  }, 100);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", facts: { timeout_ms: 100 } });
});
