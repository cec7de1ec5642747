import sharp from "sharp";
import { expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createImageEmbedder } from "../mod.ts";

const signal = new AbortController().signal;
const picture = {
  bytes: await sharp({ create: { width: 40, height: 20, channels: 3, background: "#336699" } })
    .png()
    .toBuffer(),
  media_type: "image/png",
  width: 40,
  height: 20,
};

staysCalm({
  name: "embed()",
  async ask(url, { timeout_ms, calling }) {
    const embedder = createImageEmbedder([{ kind: "clip", url, timeout_ms }], calling);
    return embedder.embed(picture, { signal }).finally(() => embedder.close());
  },
  prefix: "IMAGE_EMBEDDER",
  action: "embed a picture at",
  dependency: "image_embedder",
  wrong: [
    ["no vector", {}, "embedding is missing"],
    ["an empty vector", { embedding: [] }, "embedding must be a list of 1..65536 items"],
    ["null in a vector", { embedding: [null] }, "embedding[0] must be a number: current value is null"],
    ["NaN", '{"embedding":[NaN]}', "the answer must be JSON"],
    ["an infinite number", '{"embedding":[1e999]}', "embedding[0] must be a number"],
    ["a vector of no length", { embedding: [0, 0] }, "a vector's length must be above 0: current value is 0"],
  ],
});

test("embed() sends the picture as base64, and names the model that /health names", async () => {
  const sent: Buffer[] = [];
  await using server = await startTestServer(async (request, response) => {
    if (request.url === "/clip/health") return json(response, { status: "healthy", model: "clip-vit-large-patch14" });
    sent.push(Buffer.from(JSON.parse((await bodyOf(request)).toString()).image, "base64"));
    return json(response, { embedding: [3, 4], inference_time_ms: 25.4 });
  });
  const embedder = createImageEmbedder([{ kind: "clip", url: `${server.url}/clip` }]);
  const answers = [await embedder.embed(picture, { signal }), await embedder.embed(picture, { signal })];
  await embedder.probe(signal);
  await embedder.close();
  const model = { name: "clip-vit-large-patch14", version: "unknown", backend: "clip" };
  expect(answers).toEqual(Array(2).fill({ model, vector: Float32Array.of(0.6, 0.8) }));
  expect(sent).toEqual([picture.bytes, picture.bytes]);
  const lines = server.requests.map(({ method, url }) => `${method} ${url}`);
  expect(lines).toEqual(["POST /clip/embed", "GET /clip/health", "POST /clip/embed", "GET /clip/health"]);
});

test("embed() sends the part of the picture in a box, and believes a model that the answer names", async () => {
  let sent = Buffer.alloc(0);
  await using server = await startTestServer(async (request, response) => {
    sent = Buffer.from(JSON.parse((await bodyOf(request)).toString()).image, "base64");
    return json(response, { embedding: [1], model: "siglip", version: "2", backend: "reference" });
  });
  const embedder = createImageEmbedder([{ kind: "clip", url: server.url }]);
  const { model } = await embedder.embed(picture, { signal, box: { x: 0.25, y: 0.5, w: 0.5, h: 0.5 } });
  expect(model).toEqual({ name: "siglip", version: "2", backend: "reference" });
  expect(await sharp(sent).metadata()).toMatchObject({ format: "jpeg", width: 20, height: 10 });
  const broken = { ...picture, bytes: picture.bytes.subarray(0, 40) };
  await expect(embedder.embed(broken, { signal, box: { x: 0, y: 0, w: 1, h: 1 } })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining("Cannot embed a part of a picture of 40 x 20 as the picture must decode"),
  });
  await embedder.close();
  expect(server.requests).toHaveLength(1);
});

test("embed() refuses vectors of other dimensions than before once, and vectors without length open the circuit", async () => {
  let embedding = [1, 2];
  await using server = await startTestServer((_, response) => json(response, { embedding, model: "m" }));
  const embedder = createImageEmbedder([{ kind: "clip", url: server.url }], { breaker_failures: 2 });
  await embedder.embed(picture, { signal });
  embedding = [1, 2, 3];
  await expect(embedder.embed(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining("a vector must have 2 numbers as those before: current length is 3"),
  });
  expect((await embedder.embed(picture, { signal })).vector).toHaveLength(3);
  embedding = [0, 0, 0];
  for (let n = 0; n < 2; n++)
    await expect(embedder.embed(picture, { signal })).rejects.toMatchObject({ code: "MODEL_ANSWER" });
  await expect(embedder.embed(picture, { signal })).rejects.toMatchObject({ facts: { circuit: "open" } });
  await embedder.close();
});

test("createImageEmbedder() refuses an empty list", () => {
  expect(() => createImageEmbedder([])).toThrow("Cannot use models.image_embedder as its list must have an entry");
});
