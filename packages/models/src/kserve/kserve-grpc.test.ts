import { once } from "node:events";
import { Metadata, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { type Calling, createDetector } from "../mod.ts";
import { failing, type GrpcAnswer, startTestGrpcServer } from "./test-grpc-server.ts";

const never = new AbortController().signal;
const picture = { bytes: Uint8Array.of(255, 216, 1), media_type: "image/jpeg", width: 640, height: 480 };

const metadata = {
  name: "yolo",
  versions: ["1", "3"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ name: "output0", datatype: "FP32", shape: [-1, 300, 6] }],
};

/** An answer with these rows of x1, y1, x2, y2, score, class for each picture. */
function found(...rows: number[][]): GrpcAnswer {
  return ({ request }) => {
    const items = (request as { inputs: { shape: number[] }[] }).inputs[0]!.shape[0]!;
    const values = new Float32Array(items * 300 * 6);
    for (let item = 0; item < items; item++) values.set(rows.flat(), item * 300 * 6);
    return {
      model_name: "yolo",
      model_version: "3",
      outputs: [{ name: "output0", datatype: "FP32", shape: [items, 300, 6] }],
      raw_output_contents: [Buffer.from(values.buffer)],
    };
  };
}

async function setup(
  infer: GrpcAnswer,
  { batch = 1, in_flight = 64, timeout_ms = 2_000, ...calling }: Partial<Calling> & Record<string, number> = {},
) {
  const server = await startTestGrpcServer({ ModelMetadata: () => metadata, ModelInfer: infer });
  const open = (more: object = {}) =>
    createDetector([{ kind: "kserve-grpc", url: server.url, model: "yolo", batch, in_flight, timeout_ms, ...more }], {
      first_delay_ms: 1,
      ...calling,
    });
  const detector = open();
  return {
    server,
    open,
    detector,
    detect: (signal = never) => detector.detect(picture, { signal }),
    asked: () => server.calls.filter(({ method }) => method === "ModelInfer").length,
    async [Symbol.asyncDispose]() {
      await detector.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("detect() sends the encoded picture as raw contents, and undoes the letterbox", async () => {
  await using at = await setup(found([64, 144, 320, 336, 0.75, 2]));
  const answer = await at.detect();
  expect(answer).toEqual({
    model: { name: "yolo", version: "3", backend: "ensemble" },
    detections: [{ label: "car", confidence: 0.75, box: { x: 0.1, y: 64 / 480, w: 0.4, h: 0.4 } }],
    infer_ms: expect.any(Number),
  });
  expect(at.server.calls.map(({ method }) => method)).toEqual(["ModelMetadata", "ModelInfer"]);
  expect(at.server.calls[1]!.request).toMatchObject({
    model_name: "yolo",
    model_version: "",
    inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [1, 1] }],
    outputs: [{ name: "output0" }],
    raw_input_contents: [Buffer.of(3, 0, 0, 0, 255, 216, 1)],
  });
});

test("detect() asks what the model takes once, and again after a failure", async () => {
  await using at = await setup((call, count) =>
    count === 3 ? failing(status.INTERNAL, "CUDA") : found()(call, count),
  );
  await at.detect();
  await expect(at.detect()).rejects.toMatchObject({ code: "MODEL_ANSWER" });
  await at.detect();
  expect(at.server.calls.map(({ method }) => method)).toEqual([
    "ModelMetadata",
    "ModelInfer",
    "ModelInfer",
    "ModelMetadata",
    "ModelInfer",
  ]);
});

test("detect() names the version and sends the key, which no error shows", async () => {
  process.env.GATEHOUSE_TEST_KSERVE_KEY = "sk-kserve-1";
  await using at = await setup(({ metadata }) =>
    failing(status.INVALID_ARGUMENT, `bad picture for ${metadata.get("authorization")[0]}`),
  );
  const detector = at.open({ version: "7", api_key: { env: "GATEHOUSE_TEST_KSERVE_KEY" } });
  delete process.env.GATEHOUSE_TEST_KSERVE_KEY;
  await expect(detector.detect(picture, { signal: never })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining('INVALID_ARGUMENT "bad picture for Bearer ***"'),
  });
  await detector.close();
  expect(at.server.calls.map(({ request }) => request)).toMatchObject([
    { name: "yolo", version: "7" },
    { model_version: "7" },
    { name: "yolo", version: "7" },
  ]);
});

test("all clients of a process share the connections to a server until the last one closes", async () => {
  await using at = await setup(found());
  const others = [at.open(), at.open(), at.open()];
  const all = [at.detector, ...others];
  await Promise.all(Array.from({ length: 40 }, (_, n) => all[n % 4]!.detect(picture, { signal: never })));
  for (const other of others) await other.close();
  await at.detect();
  expect(new Set(at.server.calls.map(({ call }) => call.getPeer())).size).toBeLessThanOrEqual(2);
});

test("close() lets its own calls in flight fail, and those of other clients go on", async () => {
  const answer = Promise.withResolvers<object>();
  await using at = await setup(() => answer.promise);
  const mine = at.detect();
  await at.server.received(2);
  const other = at.open();
  const theirs = other.detect(picture, { signal: never });
  await at.server.received(4);
  const cancelled = once(at.server.calls[1]!.call, "cancelled");
  await at.detector.close();
  await expect(mine).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  await cancelled;
  answer.resolve(found()(at.server.calls[3]!.call, 1)!);
  await expect(theirs).resolves.toMatchObject({ detections: [] });
  await other.close();
  await expect(at.detect()).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
});

test("an aborted call is cancelled at the server and frees its slot", async () => {
  await using at = await setup((call, count) => (count > 2 ? found()(call, count) : null), { in_flight: 1 });
  const caller = new AbortController();
  const call = at.detect(caller.signal);
  await at.server.received(2);
  const cancelled = once(at.server.calls[1]!.call, "cancelled");
  caller.abort(new Error("no longer wanted"));
  await expect(call).rejects.toThrow("no longer wanted");
  await cancelled;
  await expect(at.detect()).resolves.toMatchObject({ detections: [] });
});

test("the server is told how long an answer may take", async () => {
  await using at = await setup(found(), { timeout_ms: 5_000 });
  const before = Date.now();
  await at.detect();
  const deadline = Number(at.server.calls[1]!.call.getDeadline());
  expect(deadline).toBeGreaterThan(before);
  expect(deadline).toBeLessThanOrEqual(Date.now() + 5_000);
});

test("a call succeeds on its third try, and a server that asks for long is left to the caller", async () => {
  const pushback = new Metadata();
  pushback.set("grpc-retry-pushback-ms", "20000");
  await using at = await setup((call, count) =>
    count < 4 ? failing(status.UNAVAILABLE, "busy") : found()(call, count),
  );
  await at.detect();
  expect(at.asked()).toBe(3);
  await using patient = await setup(() => failing(status.RESOURCE_EXHAUSTED, "queue", pushback));
  await expect(patient.detect()).rejects.toMatchObject({ code: "MODEL_BUSY", retry_after_ms: 20_000 });
  expect(patient.asked()).toBe(1);
});

test("a call finds a server that was started again", async () => {
  const first = await setup(found(), { tries: 8, first_delay_ms: 50 });
  await first.detect();
  first.server.die();
  const { port } = new URL(first.server.url);
  await using again = await startTestGrpcServer(
    { ModelMetadata: () => metadata, ModelInfer: found() },
    { port: Number(port) },
  );
  await first.detect();
  expect(again.calls.map(({ method }) => method)).toContain("ModelInfer");
  await first.detector.close();
});

test("probe() asks whether the model is ready", async () => {
  let ready = true;
  await using server = await startTestGrpcServer({ ModelReady: () => ({ ready }) });
  const detector = createDetector([{ kind: "kserve-grpc", url: server.url, model: "yolo", version: "2" }]);
  await detector.probe(never);
  ready = false;
  await expect(detector.probe(never)).rejects.toMatchObject({ code: "DETECTOR_DOWN", dependency: "detector" });
  server.die();
  await expect(detector.probe(never)).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  expect(server.calls[0]!.request).toEqual({ name: "yolo", version: "2" });
  await detector.close();
});

test("batched pictures leave together, and a nonsense box fails its own picture only", async () => {
  const shapes: number[] = [];
  await using at = await setup(
    (call, count) => {
      const items = (call.request as { inputs: { shape: number[] }[] }).inputs[0]!.shape[0]!;
      shapes.push(items);
      const answer = found([64, 144, 320, 336, 0.75, 2])(call, count) as { raw_output_contents: Buffer[] };
      if (items > 1) answer.raw_output_contents[0]!.writeFloatLE(Number.NaN, 300 * 6 * 4);
      return answer;
    },
    { batch: 8 },
  );
  await at.detect();
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => at.detect()));
  expect(shapes).toEqual([1, 8]);
  expect(outcomes.map(({ status }) => status).filter((one) => one === "rejected")).toHaveLength(1);
  expect(outcomes[1]).toMatchObject({ reason: { code: "MODEL_ANSWER", message: expect.stringContaining("NaN") } });
});

test("a picture that is refused is found out, and the rest of its batch is answered", async () => {
  await using at = await setup(
    (call, count) => {
      const [bytes] = (call.request as { raw_input_contents: Buffer[] }).raw_input_contents;
      return bytes!.includes(66) ? failing(status.INVALID_ARGUMENT, "no picture") : found()(call, count);
    },
    { batch: 8 },
  );
  const pictures = [1, 2, 66, 4, 5].map((byte) => ({ ...picture, bytes: Uint8Array.of(byte) }));
  const outcomes = await Promise.allSettled(pictures.map((one) => at.detector.detect(one, { signal: never })));
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  expect(outcomes[2]).toMatchObject({ reason: { code: "MODEL_REFUSED" } });
});

test("a batch of more bytes than a message may have is parted", async () => {
  await using at = await setup(found(), { batch: 8, tensor_bytes: 45_000 });
  const large = { ...picture, bytes: new Uint8Array(20_000) };
  await Promise.all(Array.from({ length: 8 }, () => at.detector.detect(large, { signal: never })));
  expect(at.asked()).toBe(4);
});

test("a url with a path is refused for gRPC", async () => {
  await using at = await setup(found());
  expect(() => at.open({ url: `${at.server.url}/v2` })).toThrow("must have no path");
});
