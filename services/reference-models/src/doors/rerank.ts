import type { FastifyInstance, FastifyReply } from "fastify";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { scoreTexts, squashed } from "../reranker/bm25.ts";
import type { DoorParts } from "./door-parts.ts";
import { answerTextError } from "./text-error.ts";
import { fitTokens, maxTexts, readFields, readTexts } from "./text-fields.ts";

const model = "reference-reranker";

interface Ranked {
  index: number;
  score: number;
}

/**
 * Texts ranked by a query, as Text Embeddings Inference (`/rerank`), Jina, Cohere and vLLM (`/v1/rerank`) and Ray Serve
 * (`/reranker`) do. Scores are 0..1 unless `raw_scores`.
 */
export async function rerankDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => answerTextError(error, request, reply));
  app.post("/rerank", async (request, reply) => {
    const { query, texts: given, raw_scores, truncate } = readFields(request.body);
    if (!(await goesOn(reply))) return reply;
    const texts = fitTokens(readTexts(given, "texts", maxTexts), { truncate: truncate === true, status: 413 });
    return ranked(query, texts, raw_scores === true ? (score) => score : squashed);
  });
  app.post("/v1/rerank", async (request, reply) => {
    const { query, documents, top_n } = readFields(request.body);
    if (!(await goesOn(reply))) return reply;
    const all = ranked(query, readTexts(documents, "documents"));
    const results = first(all, top_n).map(({ index, score }) => ({ index, relevance_score: score }));
    return { id: "rerank-reference", results, model, backend: "reference" };
  });
  app.post("/reranker", async (request, reply) => {
    const { query, documents, top_k } = readFields(request.body);
    if (!(await goesOn(reply))) return reply;
    return { results: first(ranked(query, readTexts(documents, "documents")), top_k), model, backend: "reference" };
  });

  const goesOn = (reply: FastifyReply) => failAsSwitched(failures.rerank, reply, { random, signal: goneSignal(reply) });
}

function ranked(query: unknown, texts: readonly string[], scale = squashed): Ranked[] {
  const [asked] = readTexts(query, "query", 1);
  return scoreTexts(asked!, texts)
    .map((score, index) => ({ index, score: scale(score) }))
    .sort((a, b) => b.score - a.score || a.index - b.index);
}

const first = (all: readonly Ranked[], most: unknown): readonly Ranked[] =>
  typeof most === "number" ? all.slice(0, Math.max(1, Math.floor(most))) : all;
