import { once } from "node:events";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { ServerCredentials, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { selfSigned } from "../calling/self-signed.testing.ts";
import { createDetector } from "../mod.ts";
import { failing, type GrpcAnswer, startTestGrpcServer } from "./test-grpc-server.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2, 3), media_type: "image/png", width: 640, height: 640 };
const calling = { tries: 2, first_delay_ms: 1, tensor_bytes: 100_000 };

const metadata = {
  name: "yolo",
  versions: ["1"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ name: "output0", datatype: "FP32", shape: [-1, 300, 6] }],
};

const failureOfCall = (url: string, timeout_ms = 2_000) => {
  const detector = createDetector([{ kind: "kserve-grpc", url, model: "yolo", timeout_ms }], calling);
  return detector
    .detect(picture, { signal })
    .then(
      () => undefined,
      (error) => error,
    )
    .finally(() => detector.close());
};

async function failureOf(
  infer: GrpcAnswer,
  { timeout_ms = 2_000, about = metadata }: { timeout_ms?: number; about?: object } = {},
) {
  await using server = await startTestGrpcServer({ ModelMetadata: () => about, ModelInfer: infer });
  const failure = await failureOfCall(server.url, timeout_ms);
  expect(failure.message).toContain(`Cannot detect objects of model "yolo" at "${server.host}" as `);
  return { failure, asked: server.calls.filter(({ method }) => method === "ModelInfer").length };
}

/** One answer with one output. */
const output = (name: string, shape: number[], data: Uint8Array, datatype = "FP32"): GrpcAnswer => {
  return () => ({ outputs: [{ name, datatype, shape }], raw_output_contents: [data] });
};
const bytes = (count: number, first: number[] = []) => {
  const values = new Float32Array(count);
  values.set(first);
  return new Uint8Array(values.buffer);
};

test.each<[string, GrpcAnswer, string]>([
  [
    "no output",
    () => ({ outputs: [], raw_output_contents: [] }),
    'output "output0" must be in the answer: it has none',
  ],
  [
    "another output",
    output("scores", [1, 80], bytes(80)),
    'output "output0" must be in the answer: it has "scores" FP32 [1,80]',
  ],
  [
    "an output without its bytes",
    () => ({ outputs: [{ name: "output0", datatype: "FP32", shape: [1, 300, 6] }], raw_output_contents: [] }),
    "raw_output_contents must be there for each of 1 outputs: there are 0",
  ],
  [
    "too few bytes",
    output("output0", [1, 300, 6], bytes(300 * 6 - 1)),
    'output "output0" must have 7200 bytes for [1,300,6] of FP32: it has 7196',
  ],
  ["another batch", output("output0", [2, 300, 6], bytes(3_600)), 'output "output0" must have 3 sides, the first 1'],
  ["a flat output", output("output0", [1, 1_800], bytes(1_800)), 'must have 3 sides, the first 1: it is "output0"'],
  [
    "another shape",
    output("output0", [1, 300, 7], bytes(2_100)),
    "the output's shape must be [1,300,6] or [1,84,anchors]",
  ],
  ["text", output("output0", [1, 300, 6], bytes(1_800), "BYTES"), 'must be FP32|FP16|INT64|UINT8: it is "BYTES"'],
  [
    "a box of NaN",
    output("output0", [1, 300, 6], bytes(1_800, [Number.NaN, 0, 1, 1, 0.9, 0])),
    "a box must lie in the input of 640 x 640: current corners are",
  ],
  [
    "a box wholly outside",
    output("output0", [1, 300, 6], bytes(1_800, [700, 0, 710, 10, 0.9, 0])),
    "a box must lie in the input of 640 x 640",
  ],
  [
    "a class it does not know",
    output("output0", [1, 300, 6], bytes(1_800, [0, 0, 1, 1, 0.9, 80])),
    "a class must be 0..79: current value is 80",
  ],
  ["a score above 1", output("output0", [1, 300, 6], bytes(1_800, [0, 0, 1, 1, 9, 0])), "a score must be 0..1"],
  [
    "an answer too large",
    output("output0", [1, 300, 6], new Uint8Array(100_001)),
    "the answer must be at most 100000 bytes: it is longer",
  ],
])("detect() says what was wanted when the server gives %s", async (_, infer, message) => {
  const { failure, asked } = await failureOf(infer);
  expect(failure).toMatchObject({ code: "MODEL_ANSWER", retry: "unknown", message: expect.stringContaining(message) });
  expect(asked).toBe(1);
});

test.each([
  [status.INVALID_ARGUMENT, "MODEL_REFUSED", "never", 1],
  [status.OUT_OF_RANGE, "MODEL_REFUSED", "never", 1],
  [status.UNAUTHENTICATED, "DETECTOR_AUTH", "later", 1],
  [status.PERMISSION_DENIED, "DETECTOR_AUTH", "later", 1],
  [status.NOT_FOUND, "DETECTOR_DOWN", "later", 1],
  [status.UNIMPLEMENTED, "DETECTOR_DOWN", "later", 1],
  [status.UNAVAILABLE, "DETECTOR_DOWN", "later", 2],
  [status.CANCELLED, "DETECTOR_DOWN", "later", 2],
  [status.RESOURCE_EXHAUSTED, "MODEL_BUSY", "later", 2],
  [status.DEADLINE_EXCEEDED, "MODEL_TIMEOUT", "later", 1],
  [status.INTERNAL, "MODEL_ANSWER", "unknown", 1],
  [status.UNKNOWN, "MODEL_ANSWER", "unknown", 1],
])("detect() turns gRPC's status %i into %s, retry %s, after %i calls", async (code, wanted, retry, tries) => {
  const { failure, asked } = await failureOf(() => failing(code, "no"));
  expect(failure).toMatchObject({ code: wanted, retry });
  expect(asked).toBe(tries);
});

test("detect() says what the model takes when it takes no encoded picture", async () => {
  const about = { ...metadata, inputs: [{ name: "images", datatype: "FP32", shape: [-1, 3, 640, 640] }] };
  const { failure, asked } = await failureOf(() => null, { about });
  expect(failure).toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining('an input of BYTES: it has "images" FP32 [-1,3,640,640]'),
  });
  expect(asked).toBe(0);
});

test("a refused picture is the server's failure when the model is gone", async () => {
  await using server = await startTestGrpcServer({
    ModelMetadata: (_, count) => (count === 1 ? metadata : failing(status.INVALID_ARGUMENT, "unknown model")),
    ModelInfer: () => failing(status.INVALID_ARGUMENT, "unknown model"),
  });
  expect(await failureOfCall(server.url)).toMatchObject({ code: "DETECTOR_DOWN", dependency: "detector" });
});

test("detect() gives up on a server that never answers, which is told", async () => {
  const { failure } = await failureOf(() => null, { timeout_ms: 100 });
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", retry: "later", facts: { timeout_ms: 100 } });
});

test("detect() gives up on a server that accepts connections and says nothing", async () => {
  const silent = createServer((socket) => socket.on("error", () => {}));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const failure = await failureOfCall(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 100);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", retry: "later" });
  silent.close();
});

test("detect() gives up on a server that sends a byte now and then", async () => {
  const dripping = createHttp2Server();
  const sessions = new Set<ServerHttp2Session>();
  dripping.on("session", (session) => sessions.add(session));
  dripping.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    const drip = setInterval(() => stream.write(Buffer.alloc(1)), 10);
    stream.on("close", () => clearInterval(drip));
  });
  await once(dripping.listen(0, "127.0.0.1"), "listening");
  const failure = await failureOfCall(`http://127.0.0.1:${(dripping.address() as AddressInfo).port}`, 100);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", facts: { timeout_ms: 100 } });
  for (const session of sessions) session.destroy();
  dripping.close();
});

test("detect() takes a server that dies mid call for down", async () => {
  await using server = await startTestGrpcServer({
    ModelMetadata: () => metadata,
    ModelInfer: () => {
      setImmediate(server.die);
      return null;
    },
  });
  expect(await failureOfCall(server.url)).toMatchObject({ code: "DETECTOR_DOWN", dependency: "detector" });
});

test("detect() takes a server that does not speak gRPC for down", async () => {
  const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n").on("error", () => {}));
  await once(stranger.listen(0, "127.0.0.1"), "listening");
  const failure = await failureOfCall(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}`);
  expect(failure).toMatchObject({ code: "DETECTOR_DOWN" });
  stranger.close();
});

test("detect() sends nothing to a server whose certificate does not verify", async () => {
  const { key, cert } = selfSigned();
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) },
  ]);
  await using server = await startTestGrpcServer(
    { ModelMetadata: () => metadata, ModelInfer: () => null },
    { credentials },
  );
  const failure = await failureOfCall(server.url);
  expect(failure).toMatchObject({ code: "DETECTOR_DOWN", message: expect.stringContaining("self-signed certificate") });
  expect(server.calls).toEqual([]);
});
