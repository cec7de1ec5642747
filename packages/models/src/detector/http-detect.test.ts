import { expect, test } from "vitest";
import { bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createDetector } from "../mod.ts";

const signal = new AbortController().signal;
const picture = {
  bytes: Uint8Array.of(255, 216, 13, 10, 0, 45, 45),
  media_type: "image/jpeg",
  width: 200,
  height: 100,
};
const found = (bbox: object, more: object = {}) => ({ class: "person", confidence: 0.9, bbox, ...more });

test("detect() sends the picture and its source as a form, and normalises the boxes", async () => {
  const seen: { form?: FormData; line?: string } = {};
  await using server = await startTestServer(async (request, response) => {
    seen.line = `${request.method} ${request.url}`;
    const body = new Uint8Array(await bodyOf(request));
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    seen.form = await new Response(body, { headers }).formData();
    json(response, {
      detections: [found({ x: 20, y: 10, width: 100, height: 50 })],
      model: "yolo",
      version: "26",
      backend: "reference",
    });
  });
  const detector = createDetector([{ kind: "http-detect", url: `${server.url}/vision/` }]);
  const answer = await detector.detect({ ...picture, source: "front-door" }, { signal });
  await detector.close();

  expect(seen.line).toBe("POST /vision/detect");
  expect(seen.form?.get("source")).toBe("front-door");
  const image = seen.form?.get("image") as File;
  expect(image).toMatchObject({ name: "picture.jpg", type: "image/jpeg" });
  expect(new Uint8Array(await image.arrayBuffer())).toEqual(picture.bytes);
  expect(answer).toEqual({
    model: { name: "yolo", version: "26", backend: "reference" },
    detections: [{ label: "person", confidence: 0.9, box: { x: 0.1, y: 0.1, w: 0.5, h: 0.5 } }],
    infer_ms: expect.any(Number),
  });
});

test("detect() clips boxes that reach beyond the picture, and names an unnamed model", async () => {
  await using server = await startTestServer((_, response) =>
    json(response, { detections: [found({ x: -50, y: 50, width: 150, height: 500 })] }),
  );
  const detector = createDetector([{ kind: "http-detect", url: server.url }]);
  const answer = await detector.detect(picture, { signal });
  await detector.close();
  expect(answer.detections[0]?.box).toEqual({ x: 0, y: 0.5, w: 0.5, h: 0.5 });
  expect(answer.model).toEqual({ name: "unknown", version: "unknown", backend: "http-detect" });
});

test("detect() uses its connections again", async () => {
  await using server = await startTestServer((_, response) => json(response, { detections: [] }));
  const detector = createDetector([{ kind: "http-detect", url: server.url }]);
  for (let n = 0; n < 20; n++) await detector.detect(picture, { signal });
  await detector.close();
  expect(server.sockets.length).toBeLessThanOrEqual(2);
});

test("detect() sends the key and never shows it", async () => {
  const name = "GATEHOUSE_TEST_DETECTOR_KEY";
  process.env[name] = "sk-detector-1";
  await using server = await startTestServer((request, response) =>
    json(response, { error: `bad picture for ${request.headers.authorization}` }, { status: 400 }),
  );
  const detector = createDetector([{ kind: "http-detect", url: server.url, api_key: { env: name } }]);
  delete process.env[name];
  const failure = detector.detect(picture, { signal });
  await expect(failure).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining("Bearer ***"),
  });
  await detector.close();
});

test("probe() asks /health, and a server without it will do", async () => {
  let status = 200;
  await using server = await startTestServer((_, response) => json(response, {}, { status }));
  const detector = createDetector([{ kind: "http-detect", url: server.url }]);
  await detector.probe(signal);
  status = 404;
  await detector.probe(signal);
  status = 503;
  await expect(detector.probe(signal)).rejects.toMatchObject({ code: "DETECTOR_DOWN", dependency: "detector" });
  status = 401;
  await expect(detector.probe(signal)).rejects.toMatchObject({ code: "DETECTOR_AUTH", dependency: "detector" });
  expect(server.requests.map(({ url }) => url)).toEqual(["/health", "/health", "/health", "/health"]);
  await detector.close();
});
