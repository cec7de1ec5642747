import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { tokenize } from "../answerer/tokens.ts";
import { embedText } from "../embedder/embed-text.ts";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { embedPicture } from "../image-embedder/embed-picture.ts";
import { maxImageBytes } from "./detect.ts";
import type { DoorParts } from "./door-parts.ts";
import { answerTextError } from "./text-error.ts";
import { fitTokens, maxTexts, maxTokens, readFields, readTexts, wrong } from "./text-fields.ts";

/** A picture grows by a third in base64. */
const bodyLimit = Math.ceil(maxImageBytes / 3) * 4 + 1024;

const model = "reference-embedder";

/**
 * Texts as vectors, as Text Embeddings Inference (`/embed`), OpenAI (`/v1/embeddings`), Ollama (`/api/embed`) and Ray Serve
 * (`/embeddings`) give them; and pictures as CLIP's servers do, at `/embed` too, with `image` in the body.
 */
export async function embedDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => answerTextError(error, request, reply));
  app.get("/info", () => ({
    model_id: "reference",
    model_sha: "1",
    max_client_batch_size: maxTexts,
    max_input_length: maxTokens,
    backend: "reference",
  }));
  app.get("/api/version", () => ({ version: "reference" }));
  app.post("/embed", { bodyLimit }, (request, reply) => {
    const fields = readFields(request.body);
    if ("image" in fields) return fated("clip", reply, () => picture(fields.image));
    return fated("embed", reply, () => {
      const texts = readTexts(fields.inputs, "inputs", maxTexts);
      return vectors(fitTokens(texts, { truncate: fields.truncate === true, status: 413 }));
    });
  });
  app.post("/api/embed", (request, reply) => {
    const { input, truncate = true } = readFields(request.body);
    return fated("embed", reply, () => {
      const texts = fitTokens(readTexts(input, "input"), { truncate: truncate === true, status: 400 });
      return { model, embeddings: vectors(texts), prompt_eval_count: tokensOf(texts), backend: "reference" };
    });
  });
  app.post("/v1/embeddings", list);
  app.post("/embeddings", list);

  function list(request: FastifyRequest, reply: FastifyReply) {
    const { input } = readFields(request.body);
    return fated("embed", reply, () => {
      const texts = fitTokens(readTexts(input, "input"), { truncate: false, status: 400 });
      const usage = { prompt_tokens: tokensOf(texts), total_tokens: tokensOf(texts) };
      const data = vectors(texts).map((embedding, index) => ({ object: "embedding", index, embedding }));
      return { object: "list", data, model, usage, backend: "reference" };
    });
  }

  async function fated(door: "embed" | "clip", reply: FastifyReply, answer: () => unknown): Promise<unknown> {
    const goes_on = await failAsSwitched(failures[door], reply, { random, signal: goneSignal(reply) });
    return goes_on ? answer() : reply;
  }
}

const vectors = (texts: readonly string[]): number[][] => texts.map((text) => [...embedText(text)]);
const tokensOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + tokenize(text).length, 0);

async function picture(image: unknown): Promise<object> {
  if (typeof image !== "string" || image === "") throw wrong("image", "base64", image);
  const started_ms = performance.now();
  const embedding = [...(await embedPicture(Buffer.from(image, "base64")))];
  const inference_time_ms = performance.now() - started_ms;
  return { embedding, inference_time_ms, model: "reference-image-embedder", version: "1", backend: "reference" };
}
