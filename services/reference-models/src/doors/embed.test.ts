import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { embedText } from "../embedder/embed-text.ts";
import type { FailureSwitches } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";

/** What the tests look at of any answer. */
interface Body {
  embedding: number[];
  embeddings: number[][];
  error: string;
}

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(failures: Partial<Record<keyof FailureSwitches, object>> = {}) {
  const models = await startReferenceModels({ failures });
  running.push(models);
  return async (path: string, body: object) => {
    const response = await fetch(`${models.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
}

const texts = ["The gate is open", "Ravens like walnuts"];
const vectors = texts.map((text) => [...embedText(text)]);
const long = "word ".repeat(8_193);

test("texts become the same vectors in each server's own shape", async () => {
  const post = await setup();
  expect(await post("/embed", { inputs: texts })).toEqual({ status: 200, body: vectors });
  expect(await post("/embed", { inputs: texts[0] })).toEqual({ status: 200, body: [vectors[0]] });
  const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
  for (const path of ["/v1/embeddings", "/embeddings"])
    expect((await post(path, { model: "any", input: texts })).body).toEqual({
      object: "list",
      data,
      model: "reference-embedder",
      usage: { prompt_tokens: 7, total_tokens: 7 },
      backend: "reference",
    });
  expect((await post("/api/embed", { model: "any", input: texts })).body).toEqual({
    model: "reference-embedder",
    embeddings: vectors,
    prompt_eval_count: 7,
    backend: "reference",
  });
});

test("a picture becomes a vector at /embed too", async () => {
  const post = await setup();
  const bytes = await sharp({ create: { width: 20, height: 10, channels: 3, background: "#336699" } })
    .png()
    .toBuffer();
  const { body } = await post("/embed", { image: bytes.toString("base64") });
  expect(body).toMatchObject({ model: "reference-image-embedder", version: "1", backend: "reference" });
  expect(body.embedding).toHaveLength(192);
  expect(Math.hypot(...body.embedding)).toBeCloseTo(1, 5);
});

test("texts that are too long are refused, or cut where that is asked for", async () => {
  const post = await setup();
  const words = "inputs must have less than 8192 tokens. Given: 8194";
  expect(await post("/embed", { inputs: [long] })).toEqual({
    status: 413,
    body: { error: words, error_type: "Validation" },
  });
  expect(await post("/api/embed", { input: long, truncate: false })).toMatchObject({ status: 400 });
  expect(await post("/v1/embeddings", { input: long })).toEqual({
    status: 400,
    body: { error: { message: words, type: "invalid_request_error", param: null, code: "bad_request" } },
  });
  const cut = [...embedText("word ".repeat(8_192).trimEnd())];
  expect((await post("/embed", { inputs: [long], truncate: true })).body).toEqual([cut]);
  expect((await post("/api/embed", { input: long })).body.embeddings).toEqual([cut]);
});

test.each([
  ["/embed", { inputs: [] }, 400, 'Cannot read "inputs" as it must be a text or a list of texts'],
  ["/embed", { inputs: ["a", ""] }, 400, 'Cannot read "inputs"'],
  ["/embed", { inputs: Array(33).fill("a") }, 413, "batch size 33 > maximum allowed batch size 32"],
  ["/embed", { image: 5 }, 400, 'Cannot read "image" as it must be base64: current value is 5'],
  ["/embed", { image: "bm8gcGljdHVyZQ==" }, 422, "Cannot embed image of 10 bytes"],
  ["/api/embed", { input: 5 }, 400, 'Cannot read "input"'],
  ["/embeddings", {}, 400, 'Cannot read "input" as it must be a text or a list of texts, none of them empty'],
  ["/embeddings", [], 400, 'Cannot read "body" as it must be a JSON object: current value is []'],
])("POST %s refuses %j with %i", async (path, body, status, message) => {
  const post = await setup();
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toContain(message);
});

test("each kind of door has failure switches of its own", async () => {
  const post = await setup({ embed: { out_of_memory: true }, clip: { error_rate: 1, status: 429 } });
  expect(await post("/embed", { inputs: texts })).toMatchObject({ status: 503, body: { error_type: "Backend" } });
  expect(await post("/embed", { image: "x" })).toMatchObject({ status: 429 });
  expect(await post("/rerank", { query: "gate", texts })).toMatchObject({ status: 200 });
});
