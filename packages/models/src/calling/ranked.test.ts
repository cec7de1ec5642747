import { expect, test } from "vitest";
import { createDetector } from "../mod.ts";
import { type Answer, json, startTestServer } from "./test-server.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1), media_type: "image/jpeg", width: 10, height: 10 };
const finds =
  (model: string): Answer =>
  (_, response) =>
    json(response, { detections: [], model });
const status =
  (code: number): Answer =>
  (_, response) =>
    json(response, { error: "no" }, { status: code });
const calling = { tries: 1 };
const detectors = (...urls: string[]) =>
  createDetector(
    urls.map((url, at) => ({ kind: "http-detect", url, timeout_ms: at === 0 ? 200 : 10_000 })),
    calling,
  );

test.each([
  ["is down", status(503)],
  ["is busy", status(429)],
  ["refuses the key", status(401)],
  ["never answers", () => {}],
  ["fails", status(500)],
  ["answers nonsense", (_, response) => json(response, "hello")],
] satisfies [string, Answer][])("detect() asks the next server when the first %s", async (_, answer) => {
  await using first = await startTestServer(answer);
  await using second = await startTestServer(finds("second"));
  const detector = detectors(first.url, second.url);
  await expect(detector.detect(picture, { signal })).resolves.toMatchObject({ model: { name: "second" } });
  await detector.close();
});

test("detect() does not ask the next server about a picture that was refused", async () => {
  await using first = await startTestServer(status(422));
  await using second = await startTestServer(finds("second"));
  const detector = detectors(first.url, second.url);
  await expect(detector.detect(picture, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED" });
  expect(second.requests).toHaveLength(0);
  await detector.close();
});

test("detect() names every server when none can answer, and busy wins over down", async () => {
  await using down = await startTestServer(status(503));
  await using busy = await startTestServer(status(429));
  const detector = detectors(down.url, busy.url);
  const failure = await detector.detect(picture, { signal }).catch((error) => error);
  expect(failure).toMatchObject({ code: "MODEL_BUSY", dependency: null });
  expect(failure.message).toContain(down.host);
  expect(failure.message).toContain(busy.host);
  await detector.close();
});

test("detect() tells of the server that may be back rather than of the one that answers nonsense", async () => {
  await using broken = await startTestServer(status(500));
  await using down = await startTestServer(status(503));
  const detector = detectors(broken.url, down.url);
  await expect(detector.detect(picture, { signal })).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  await detector.close();
});

test("probe() is content with one server", async () => {
  await using down = await startTestServer(status(503));
  await using up = await startTestServer(status(200));
  const detector = detectors(down.url, up.url);
  await detector.probe(signal);
  await detector.close();
});
