import { once } from "node:events";
import { connect, type Settings } from "node:http2";
import { type InferenceService, inferenceService } from "@gatehouse/models";
import { Client, credentials, type MethodDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";
import { figure } from "../test-figure.ts";

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function setup(kserve: Partial<DoorFailures> = {}) {
  const models: ReferenceModels = await startReferenceModels({ grpc_port: 0, failures: { kserve } });
  const client = new Client(new URL(models.grpc_url!).host, credentials.createInsecure());
  running.push(models, { stop: () => client.close() });
  const call = <Q, A>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    ms = 10_000,
  ) =>
    new Promise<A>((resolve, reject) =>
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: Date.now() + ms },
        (error, answer) => (error ? reject(error) : resolve(answer!)),
      ),
    );
  const service: InferenceService = await inferenceService();
  const infer = async (bytes: Buffer, ms?: number) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    const request = {
      model_name: "reference-detector",
      inputs: [{ name: "image", datatype: "BYTES", shape: [1, 1] }],
      raw_input_contents: [Buffer.concat([length, bytes])],
    };
    return call(service.ModelInfer, request, ms);
  };
  return { models, call, service, infer };
}

test("ModelInfer finds a person, as HTTP does", async () => {
  const { infer } = await setup();
  const { outputs, raw_output_contents, ...heading } = await infer(await figure());
  expect(heading).toMatchObject({ model_name: "reference-detector", model_version: "1" });
  expect(outputs).toEqual([{ name: "output0", datatype: "FP32", shape: [1, 300, 6] }]);
  const [x1, , , , score, label] = new Float32Array(new Uint8Array(raw_output_contents[0]!).buffer);
  expect(Math.abs(x1! - 280)).toBeLessThanOrEqual(6);
  expect(score).toBeGreaterThan(0.5);
  expect(label).toBe(0);
});

test("the server tells how it is, and what a model takes and gives", async () => {
  const { call, service } = await setup();
  expect(await call(service.ServerLive, {})).toEqual({ live: true });
  expect(await call(service.ServerReady, {})).toEqual({ ready: true });
  expect(await call(service.ServerMetadata, {})).toMatchObject({ name: "reference" });
  expect(await call(service.ModelMetadata, { name: "reference-detector-tensor", version: "" })).toMatchObject({
    platform: "reference",
    inputs: [{ name: "images", datatype: "FP32", shape: [-1, 3, 640, 640] }],
  });
});

test("the repository of both doors is one", async () => {
  const { models, call, service, infer } = await setup();
  const model = { model_name: "reference-detector" };
  await call(service.RepositoryModelUnload, model);
  expect((await fetch(`${models.url}/v2/models/reference-detector/ready`)).status).toBe(400);
  expect(await call(service.ModelReady, { name: "reference-detector", version: "" })).toEqual({ ready: false });
  await expect(infer(await figure())).rejects.toMatchObject({ code: status.UNAVAILABLE });
  const { models: ready } = await call(service.RepositoryIndex, { ready: true });
  expect(ready.map(({ name }) => name)).not.toContain("reference-detector");
  await call(service.RepositoryModelLoad, model);
  expect(await call(service.ModelReady, { name: "reference-detector", version: "1" })).toEqual({ ready: true });
});

test("a client may send 16 MB of a tensor without waiting for the server's word", async () => {
  const { models } = await setup();
  const session = connect(models.grpc_url!);
  let settings: Settings = {};
  while (settings.initialWindowSize !== 16 * 1024 * 1024) [settings] = await once(session, "remoteSettings");
  expect(settings.maxFrameSize).toBe(1024 * 1024);
  session.destroy();
});

test("what is refused is refused with gRPC's code for it", async () => {
  const { call, service, infer } = await setup();
  await expect(infer(Buffer.from("GIF"))).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining("Cannot read image"),
  });
  const missing = { name: "nobody", version: "" };
  await expect(call(service.ModelMetadata, missing)).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test("ModelInfer fails as switched, and stop() ends a call that hangs", async () => {
  const { models, infer } = await setup({ out_of_memory: true });
  const picture = await figure();
  await expect(infer(picture)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  Object.assign(models.failures.kserve, { out_of_memory: false, garbage: true });
  expect((await infer(picture)).raw_output_contents[0]).toHaveLength(3);
  Object.assign(models.failures.kserve, { garbage: false, hang: true });
  await expect(infer(picture, 100)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  const hanging = infer(picture, 60_000).catch((error: ServiceError) => error.code);
  await models.stop();
  expect([status.UNAVAILABLE, status.CANCELLED]).toContain(await hanging);
});
