import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";
import { figure } from "../test-figure.ts";

interface Answer {
  model_name: string;
  outputs: {
    name: string;
    datatype: string;
    shape: number[];
    parameters?: { binary_data_size: number };
    data?: number[];
  }[];
  error: string;
}

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(failures: { kserve?: Partial<DoorFailures>; repository?: Partial<DoorFailures> } = {}) {
  const models = await startReferenceModels({ failures });
  running.push(models);
  const post = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(`${models.url}${path}`, { method: "POST", body: body as string, headers });
  /** Asks with one binary tensor; the first output's floats, and the answer's JSON. */
  const infer = async (model: string, tensor: object, data: Buffer) => {
    const json = Buffer.from(
      JSON.stringify({
        inputs: [{ ...tensor, parameters: { binary_data_size: data.length } }],
        parameters: { binary_data_output: true },
      }),
    );
    const headers = { "inference-header-content-length": String(json.length) };
    const response = await post(`/v2/models/${model}/infer`, Buffer.concat([json, data]), headers);
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get("inference-header-content-length") ?? bytes.length);
    const answer = JSON.parse(bytes.subarray(0, length).toString()) as Answer;
    return { status: response.status, answer, floats: new Float32Array(new Uint8Array(bytes.subarray(length)).buffer) };
  };
  return { models, post, infer };
}

/** Pictures as elements of a BYTES tensor. */
const elements = (...pictures: Buffer[]) =>
  Buffer.concat(
    pictures.flatMap((picture) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(picture.length);
      return [length, picture];
    }),
  );
const image = (items: number) => ({ name: "image", datatype: "BYTES", shape: [items, 1] });

test("infer finds one person in each picture of a batch, in pixels of the 640 square", async () => {
  const { infer } = await setup();
  const pictures = elements(await figure(), await figure(100));
  const { answer, floats } = await infer("reference-detector", image(2), pictures);
  expect(answer.outputs).toEqual([
    { name: "output0", datatype: "FP32", shape: [2, 300, 6], parameters: { binary_data_size: 14_400 } },
  ]);
  for (const [item, left] of [
    [0, 280],
    [1, 100],
  ] as const) {
    const [x1, y1, x2, y2, score, label, ...rest] = floats.subarray(item * 1_800, (item + 1) * 1_800);
    expect([x1! - left, y1! - 200, x2! - left - 80, y2! - 480].every((off) => Math.abs(off) <= 6)).toBe(true);
    expect(score).toBeGreaterThan(0.5);
    expect(label).toBe(0);
    expect(rest.every((value) => value === 0)).toBe(true);
  }
});

test("infer answers in JSON when nothing asked for bytes, and takes numbers in JSON", async () => {
  const { post } = await setup();
  const shape = [1, 3, 640, 640];
  const body = { inputs: [{ name: "images", datatype: "FP32", shape, data: new Array(3 * 640 * 640).fill(0.5) }] };
  const response = await post("/v2/models/reference-detector-tensor/versions/1/infer", JSON.stringify(body));
  const answer = (await response.json()) as Answer;
  expect(answer).toMatchObject({ model_name: "reference-detector-tensor", model_version: "1" });
  expect(answer.outputs[0]!.data).toEqual(new Array(1_800).fill(0));
});

test("infer gives a picture's embedding as a unit vector, and its labels' scores", async () => {
  const { infer } = await setup();
  const picture = elements(await figure());
  const { floats } = await infer("reference-image-embedder", image(1), picture);
  expect(floats.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
  const { floats: scores } = await infer("reference-classifier", image(1), picture);
  expect(scores).toHaveLength(5);
  expect(scores.indexOf(Math.max(...scores))).toBe(0);
});

test.each<[string, object, Buffer, number, string]>([
  ["no picture", image(1), elements(Buffer.from("GIF")), 422, "Cannot read image"],
  ["a length beyond the end", image(1), Buffer.from([9, 0, 0, 0, 1]), 400, "element 0 must end within its bytes"],
  ["fewer pictures than said", image(2), elements(Buffer.from("x")), 400, "must have 2 elements: it has 1"],
  ["another shape", { ...image(1), shape: [1] }, Buffer.alloc(0), 400, "must be BYTES [-1,1] of at most 64 items"],
  ["another type", { ...image(1), datatype: "FP32" }, Buffer.alloc(0), 400, "current value is FP32 [1,1]"],
  ["another input", { ...image(1), name: "x" }, Buffer.alloc(0), 400, 'its only input must be "image"'],
])("infer refuses %s, saying what it wants", async (_, tensor, data, status, words) => {
  const { infer } = await setup();
  const refused = await infer("reference-detector", tensor, data);
  expect(refused).toMatchObject({ status, answer: { error: expect.stringContaining(words) } });
});

test("infer refuses an output that there is none of, a broken body and a model that is missing", async () => {
  const { post } = await setup();
  const inputs = [{ name: "image", datatype: "BYTES", shape: [1, 1], parameters: { binary_data_size: 0 } }];
  const body = JSON.stringify({ inputs, outputs: [{ name: "boxes" }] });
  const length = { "inference-header-content-length": String(body.length) };
  expect((await post("/v2/models/reference-detector/infer", body, length)).status).toBe(400);
  expect((await post("/v2/models/reference-detector/infer", "{", {})).status).toBe(400);
  expect(
    (await post("/v2/models/reference-detector/infer", body, { "inference-header-content-length": "x" })).status,
  ).toBe(400);
  expect((await post("/v2/models/nobody/infer", body, length)).status).toBe(404);
});

test("a model says what it takes and gives, the server what it can", async () => {
  const { models } = await setup();
  const get = async (path: string) => (await fetch(`${models.url}${path}`)).json();
  expect(await get("/v2")).toMatchObject({ extensions: ["binary_tensor_data", "model_repository"] });
  expect(await get("/v2/models/reference-detector")).toEqual({
    name: "reference-detector",
    versions: ["1"],
    platform: "reference",
    inputs: [{ name: "image", datatype: "BYTES", shape: [-1, 1] }],
    outputs: [{ name: "output0", datatype: "FP32", shape: [-1, 300, 6] }],
  });
  expect((await fetch(`${models.url}/v2/health/ready`)).status).toBe(200);
});

test("a model that was unloaded is not ready and refuses, until it is loaded", async () => {
  const { models, post, infer } = await setup();
  const repository = (action: string) => post(`/v2/repository/models/reference-detector/${action}`, "");
  const ready = async () => (await fetch(`${models.url}/v2/models/reference-detector/ready`)).status;
  expect((await repository("unload")).status).toBe(200);
  expect(await ready()).toBe(400);
  expect((await infer("reference-detector", image(1), Buffer.alloc(0))).status).toBe(503);
  const index = (await (await post("/v2/repository/index", JSON.stringify({ ready: true }))).json()) as {
    name: string;
  }[];
  expect(index.map(({ name }) => name)).not.toContain("reference-detector");
  expect((await repository("load")).status).toBe(200);
  expect(await ready()).toBe(200);
});

test("a load that fails as switched says why", async () => {
  const { post } = await setup({ repository: { out_of_memory: true } });
  const refused = await post("/v2/repository/models/reference-detector/load", "");
  expect(refused.status).toBe(500);
  expect(await refused.text()).toContain("CUDA out of memory");
});

test("infer fails as switched", async () => {
  const { models, infer } = await setup({ kserve: { out_of_memory: true } });
  expect((await infer("reference-detector", image(1), Buffer.alloc(0))).status).toBe(503);
  Object.assign(models.failures.kserve, { out_of_memory: false, error_rate: 1, status: 429 });
  expect((await infer("reference-detector", image(1), Buffer.alloc(0))).status).toBe(429);
});
