import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { scoreTexts } from "../reranker/bm25.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(rerank: Partial<DoorFailures> = {}) {
  const models = await startReferenceModels({ failures: { rerank } });
  running.push(models);
  return async (path: string, body: object) => {
    const response = await fetch(`${models.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { error: string } };
  };
}

const query = "Who opened the gate?";
const texts = ["Ravens like walnuts", "Mira opened the gate with her key", "The gates are green"];
const raw = scoreTexts(query, texts);
const share = (index: number) => raw[index]! / (raw[index]! + 1);

test("texts are ranked alike in each server's own shape", async () => {
  const post = await setup();
  const order = [1, 2, 0];
  expect((await post("/rerank", { query, texts })).body).toEqual(
    order.map((index) => ({ index, score: share(index) })),
  );
  expect((await post("/rerank", { query, texts, raw_scores: true })).body).toEqual(
    order.map((index) => ({ index, score: raw[index] })),
  );
  expect((await post("/v1/rerank", { model: "any", query, documents: texts, top_n: 2 })).body).toEqual({
    id: "rerank-reference",
    results: order.slice(0, 2).map((index) => ({ index, relevance_score: share(index) })),
    model: "reference-reranker",
    backend: "reference",
  });
  expect((await post("/reranker", { query, documents: texts, top_k: 1 })).body).toMatchObject({
    results: [{ index: 1, score: share(1) }],
    model: "reference-reranker",
  });
});

test.each([
  ["/rerank", { query, texts: [] }, 400, 'Cannot read "texts"'],
  ["/rerank", { texts }, 400, 'Cannot read "query"'],
  ["/rerank", { query, texts: Array(33).fill("a") }, 413, "batch size 33 > maximum allowed batch size 32"],
  ["/rerank", { query, texts: ["word ".repeat(9_000)] }, 413, "inputs must have less than 8192 tokens"],
  ["/reranker", { query, documents: [5] }, 400, 'Cannot read "documents"'],
])("POST %s refuses %j with %i", async (path, body, status, message) => {
  const post = await setup();
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toContain(message);
});

test("POST /rerank cuts long texts where that is asked for, and fails as switched", async () => {
  const long = "word ".repeat(9_000);
  expect(await (await setup())("/rerank", { query, texts: [long], truncate: true })).toMatchObject({ status: 200 });
  expect(await (await setup({ out_of_memory: true }))("/v1/rerank", { query, documents: texts })).toMatchObject({
    status: 503,
    body: { error: { code: "out_of_memory" } },
  });
});
