import { expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { json, startTestServer } from "../calling/test-server.ts";
import { createDetector } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2, 3), media_type: "image/png", width: 200, height: 100 };
const withBox = (bbox: object) => ({ detections: [{ class: "car", confidence: 0.5, bbox }] });

staysCalm({
  name: "detect()",
  async ask(url, { timeout_ms, calling }) {
    const detector = createDetector([{ kind: "http-detect", url, timeout_ms }], calling);
    return detector.detect(picture, { signal }).finally(() => detector.close());
  },
  prefix: "DETECTOR",
  action: "detect objects at",
  dependency: "detector",
  wrong: [
    ["NaN", '{"detections":[{"class":"a","confidence":NaN}]}', "the answer must be JSON"],
    [
      "null in a box",
      withBox({ x: null, y: 0, width: 1, height: 1 }),
      "detections[0].bbox.x must be a number: current value is null",
    ],
    [
      "an infinite box",
      '{"detections":[{"class":"a","confidence":1,"bbox":{"x":1e999,"y":0,"width":1,"height":1}}]}',
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
    ["no detections", {}, "detections is missing"],
  ],
});

test("detect() keeps a server's words to 300 characters on one line", async () => {
  const words = { detail: [{ loc: ["body", "image"], msg: `too\nlarge ${"x".repeat(500)}`, input: "private" }] };
  await using server = await startTestServer((_, response) => json(response, words, { status: 422 }));
  const detector = createDetector([{ kind: "http-detect", url: server.url }]);
  const failure = await detector.detect(picture, { signal }).catch((error: Error) => error);
  await detector.close();
  const said = /422 "(.*)"$/.exec((failure as Error).message)?.[1] ?? "";
  expect(said).toHaveLength(300);
  expect(said).toMatch(/^body\.image: too large x+\.\.\.$/);
});
