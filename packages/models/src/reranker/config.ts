import type { Server } from "../calling/called.ts";

/** Hugging Face's Text Embeddings Inference. */
export interface TeiRerankerConfig extends Server {
  kind: "tei";
}

/** `/v1/rerank`, as vLLM, Jina, Infinity and others have it. */
export interface OpenAiRerankerConfig extends Server {
  kind: "openai";
  /** The model's name at the server. */
  model: string;
}

/** A deployment of Ray Serve at `/reranker`. */
export interface RayServeRerankerConfig extends Server {
  kind: "ray-serve";
}

/** One reranker of a ranked list. */
export type RerankerConfig = TeiRerankerConfig | OpenAiRerankerConfig | RayServeRerankerConfig;

/** What is filled in. */
export const RERANKER_DEFAULTS = Object.freeze({ timeout_ms: 10_000, in_flight: 16 });
