import { expect, test } from "vitest";
import { startTestGrpcServer } from "../kserve/test-grpc-server.ts";
import { createImageEmbedder } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2), media_type: "image/jpeg", width: 4, height: 3 };
const metadata = {
  name: "clip",
  versions: ["1"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ name: "embedding", datatype: "FP32", shape: [-1, 2] }],
};

async function setup(vectors: readonly number[][], batch = 1) {
  const left = [...vectors];
  const server = await startTestGrpcServer({
    ModelMetadata: () => metadata,
    ModelInfer: ({ request }) => {
      const items = (request as { inputs: { shape: number[] }[] }).inputs[0]!.shape[0]!;
      const given = left.splice(0, items);
      const output = { name: "embedding", datatype: "FP32", shape: [items, given[0]!.length] };
      return { outputs: [output], raw_output_contents: [Buffer.from(Float32Array.from(given.flat()).buffer)] };
    },
  });
  const embedder = createImageEmbedder([{ kind: "kserve-grpc", url: server.url, model: "clip", batch }]);
  return {
    embed: () => embedder.embed(picture, { signal }),
    async [Symbol.asyncDispose]() {
      await embedder.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("embed() gives unit vectors, and the model's name", async () => {
  await using at = await setup([[3, 4]]);
  const { model, vector } = await at.embed();
  expect(model).toEqual({ name: "clip", version: "1", backend: "ensemble" });
  expect([...vector]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
});

test("embed() gives each picture of a batch its own vector, and lets one without length fail alone", async () => {
  await using at = await setup(
    [
      [1, 0],
      [0, 0],
      [0, 1],
    ],
    8,
  );
  const outcomes = await Promise.allSettled([at.embed(), at.embed(), at.embed()]);
  expect(outcomes).toMatchObject([
    { value: { vector: Float32Array.of(1, 0) } },
    { reason: { code: "MODEL_ANSWER", message: expect.stringContaining("a vector's length must be above 0") } },
    { value: { vector: Float32Array.of(0, 1) } },
  ]);
});

test("embed() refuses vectors of other dimensions than before", async () => {
  await using at = await setup([
    [1, 2],
    [1, 2, 3],
  ]);
  await at.embed();
  await expect(at.embed()).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining("a vector must have 2 numbers as those before: current length is 3"),
  });
});
