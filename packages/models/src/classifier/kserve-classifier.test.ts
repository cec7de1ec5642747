import { expect, test } from "vitest";
import { startTestGrpcServer } from "../kserve/test-grpc-server.ts";
import { createClassifier } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2), media_type: "image/jpeg", width: 4, height: 3 };
const labels = ["cat", "dog", "bird"];
const metadata = {
  name: "resnet",
  versions: ["1"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1] }],
  outputs: [
    { name: "features", datatype: "FP32", shape: [-1, 7, 7] },
    { name: "logits", datatype: "FP16", shape: [-1, 3] },
  ],
};

async function setup(scores: number[], entry: object = {}) {
  const server = await startTestGrpcServer({
    ModelMetadata: () => metadata,
    ModelInfer: ({ request }) => {
      const items = (request as { inputs: { shape: number[] }[] }).inputs[0]!.shape[0]!;
      const data = new Float16Array(Array.from({ length: items }, () => scores).flat());
      const output = { name: "logits", datatype: "FP16", shape: [items, scores.length] };
      return { model_name: "resnet", outputs: [output], raw_output_contents: [Buffer.from(data.buffer)] };
    },
  });
  const classifier = createClassifier([{ kind: "kserve-grpc", url: server.url, model: "resnet", labels, ...entry }]);
  return {
    server,
    classifier,
    async [Symbol.asyncDispose]() {
      await classifier.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("classify() sends the picture, asks for the output of two sides only, and gives the best labels", async () => {
  await using at = await setup([-2, 4, 1]);
  const { model, labels: found } = await at.classifier.classify(picture, { signal, most: 2 });
  expect(model).toEqual({ name: "resnet", version: "1", backend: "ensemble" });
  expect(found.map(({ label }) => label)).toEqual(["dog", "bird"]);
  expect(at.server.calls[1]!.request).toMatchObject({
    inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [1] }],
    outputs: [{ name: "logits" }],
  });
});

test("classify() answers each picture of a batch with as many labels as it was asked for", async () => {
  await using at = await setup([0.1, 0.2, 0.3], { batch: 4 });
  const answers = await Promise.all([1, 2, 3].map((most) => at.classifier.classify(picture, { signal, most })));
  expect(answers.map(({ labels: found }) => found.length)).toEqual([1, 2, 3]);
  expect(at.server.calls.filter(({ method }) => method === "ModelInfer")).toHaveLength(1);
});

test("classify() says what is wrong with the answer, and with the model", async () => {
  await using few = await setup([1, 2]);
  await expect(few.classifier.classify(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: `Cannot classify a picture of model "resnet" at "${few.server.host}" as there must be a score for each of 3 labels: there are 2`,
  });
  few.server.die();
  await expect(few.classifier.classify(picture, { signal })).rejects.toMatchObject({
    code: "CLASSIFIER_DOWN",
    dependency: "classifier",
  });
});

test("createClassifier() refuses an empty list", () => {
  expect(() => createClassifier([])).toThrow("Cannot use models.classifier as its list must have an entry");
});
