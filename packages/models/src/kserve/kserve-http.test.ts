import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createDetector } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(255, 216, 1), media_type: "image/jpeg", width: 640, height: 480 };
const calling = { tries: 2, first_delay_ms: 1, tensor_bytes: 100_000 };

const metadata = {
  name: "yolo",
  versions: ["1", "3"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ name: "output0", datatype: "FP32", shape: [-1, 300, 6] }],
};

/** Sends an answer's JSON and the bytes after it. */
function binary(response: ServerResponse, header: object | string, data: Uint8Array, length?: number | string): void {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  response.writeHead(200, { "inference-header-content-length": String(length ?? text.length) });
  response.end(Buffer.concat([text, data]));
}

const bytes = (count: number, first: number[] = []) => {
  const values = new Float32Array(count);
  values.set(first);
  return new Uint8Array(values.buffer);
};
const header = (shape: number[], binary_data_size: number, more: object = {}) => ({
  outputs: [{ name: "output0", datatype: "FP32", shape, parameters: { binary_data_size } }],
  ...more,
});

/** A server that describes the model, and answers questions as told. */
async function setup(infer: Answer, more: object = {}) {
  const server = await startTestServer((request, response, count) =>
    request.method === "GET" ? json(response, metadata) : infer(request, response, count),
  );
  const detector = createDetector(
    [{ kind: "kserve-http", url: `${server.url}/triton/`, model: "yolo", timeout_ms: 2_000, ...more }],
    calling,
  );
  return {
    server,
    detect: () => detector.detect(picture, { signal }),
    detector,
    async [Symbol.asyncDispose]() {
      await detector.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("detect() sends JSON and the picture's bytes after it, and reads boxes from behind the answer's JSON", async () => {
  let sent: Buffer = Buffer.alloc(0);
  await using at = await setup(async (request, response) => {
    sent = await bodyOf(request);
    const model = { model_name: "yolo", model_version: "3" };
    binary(response, header([1, 300, 6], 7_200, model), bytes(1_800, [64, 144, 320, 336, 0.75, 2]));
  });
  expect(await at.detect()).toEqual({
    model: { name: "yolo", version: "3", backend: "ensemble" },
    detections: [{ label: "car", confidence: 0.75, box: { x: 0.1, y: 64 / 480, w: 0.4, h: 0.4 } }],
    infer_ms: expect.any(Number),
  });
  expect(at.server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "GET /triton/v2/models/yolo",
    "POST /triton/v2/models/yolo/infer",
  ]);
  const { headers } = at.server.requests[1]!;
  const json_bytes = Number(headers["inference-header-content-length"]);
  expect(Number(headers["content-length"])).toBe(json_bytes + 7);
  expect(JSON.parse(sent.subarray(0, json_bytes).toString())).toEqual({
    inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [1, 1], parameters: { binary_data_size: 7 } }],
    outputs: [{ name: "output0", parameters: { binary_data: true } }],
  });
  expect(sent.subarray(json_bytes)).toEqual(Buffer.of(3, 0, 0, 0, 255, 216, 1));
});

test("detect() names the version and sends the question again as it was", async () => {
  const sent: Buffer[] = [];
  await using at = await setup(
    async (request, response, count) => {
      sent.push(await bodyOf(request));
      if (count === 2) json(response, { error: "loading" }, { status: 503 });
      else binary(response, header([1, 300, 6], 7_200), bytes(1_800));
    },
    { version: "2/3" },
  );
  const { model } = await at.detect();
  expect(model).toEqual({ name: "yolo", version: "3", backend: "ensemble" });
  expect(at.server.requests[1]!.url).toBe("/triton/v2/models/yolo/versions/2%2F3/infer");
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});

test("probe() asks whether the model is ready", async () => {
  let status = 200;
  await using server = await startTestServer((_, response) => response.writeHead(status).end());
  const detector = createDetector([{ kind: "kserve-http", url: server.url, model: "yolo" }]);
  await detector.probe(signal);
  status = 400;
  await expect(detector.probe(signal)).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  expect(server.requests.map(({ url }) => url)).toEqual(["/v2/models/yolo/ready", "/v2/models/yolo/ready"]);
  await detector.close();
});

test.each<[string, Answer, string]>([
  ["no JSON", (_, response) => binary(response, "<h1>It works", new Uint8Array(0)), "the answer must begin with JSON"],
  ["an error under a 200", (_, response) => json(response, { error: "out of memory" }), "outputs is missing"],
  [
    "JSON where bytes were asked for",
    (_, response) =>
      json(response, { outputs: [{ name: "output0", datatype: "FP32", shape: [1, 300, 6], data: [0] }] }),
    'output "output0" must be binary: it has no binary_data_size',
  ],
  [
    "too few bytes",
    (_, response) => binary(response, header([1, 300, 6], 7_200), bytes(1_799)),
    'output "output0" must have 7200 bytes: 7196 are left',
  ],
  [
    "too many bytes",
    (_, response) => binary(response, header([1, 300, 6], 7_200), bytes(1_801)),
    "the answer must end after",
  ],
  [
    "a shape that is not its bytes'",
    (_, response) => binary(response, header([1, 300, 6], 7_196), bytes(1_799)),
    'output "output0" must have 7200 bytes for [1,300,6] of FP32: it has 7196',
  ],
  [
    "a header longer than the answer",
    (_, response) => binary(response, "{}", new Uint8Array(0), 3),
    'inference-header-content-length must be 0..2: current value is "3"',
  ],
  [
    "a header that is no number",
    (_, response) => binary(response, "{}", new Uint8Array(0), "all"),
    "inference-header-content-length must be 0..2",
  ],
  [
    "an answer too large",
    (_, response) => binary(response, header([1, 300, 6], 100_000), new Uint8Array(100_000)),
    "the answer must be at most 100000 bytes",
  ],
  [
    "half an answer",
    (_, response) => response.writeHead(200, { "content-length": "100" }).write('{"outp', () => response.destroy()),
    "the answer must be whole",
  ],
])("detect() says what was wanted when the server gives %s", async (_, infer, message) => {
  await using at = await setup(infer);
  await expect(at.detect()).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    retry: "unknown",
    message: expect.stringMatching(/^Cannot detect objects of model "yolo" at "127/),
    facts: { server: at.server.host, model: "yolo" },
  });
  await expect(at.detect()).rejects.toThrow(message);
});

test("detect() gives up on a server that sends a byte now and then", async () => {
  await using at = await setup(
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    },
    { timeout_ms: 100 },
  );
  await expect(at.detect()).rejects.toMatchObject({ code: "MODEL_TIMEOUT", facts: { timeout_ms: 100 } });
});

test.each([
  [400, "MODEL_REFUSED"],
  [404, "DETECTOR_DOWN"],
  [401, "DETECTOR_AUTH"],
  [503, "DETECTOR_DOWN"],
  [500, "MODEL_ANSWER"],
])("detect() turns status %i into %s", async (status, code) => {
  await using at = await setup((_, response) => json(response, { error: "no" }, { status }));
  await expect(at.detect()).rejects.toMatchObject({ code, facts: { status } });
});

test.each([
  ["no JSON", "<h1>", "the metadata must be JSON"],
  ["no inputs", JSON.stringify({ name: "yolo", outputs: [] }), "the metadata's inputs is missing"],
])("detect() says what was wanted of a description with %s", async (_, text, message) => {
  await using server = await startTestServer((_request, response) => response.end(text));
  const detector = createDetector([{ kind: "kserve-http", url: server.url, model: "yolo" }], calling);
  await expect(detector.detect(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining(message),
  });
  await detector.close();
});
