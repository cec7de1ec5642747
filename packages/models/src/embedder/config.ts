import type { Server } from "../calling/called.ts";

/** Hugging Face's Text Embeddings Inference. */
export interface TeiEmbedderConfig extends Server {
  kind: "tei";
  /** Whether texts that are too long are cut rather than refused. */
  truncate?: boolean;
}

/** OpenAI's `/v1/embeddings`. */
export interface OpenAiEmbedderConfig extends Server {
  kind: "openai";
  /** The model's name at the server. */
  model: string;
}

/** Ollama's own interface. */
export interface OllamaEmbedderConfig extends Server {
  kind: "ollama";
  /** The model's name at the server. */
  model: string;
  /** Whether texts that are too long are cut rather than refused. */
  truncate?: boolean;
}

/** A deployment of Ray Serve at `/embeddings`. */
export interface RayServeEmbedderConfig extends Server {
  kind: "ray-serve";
}

/** One embedder of a ranked list. */
export type EmbedderConfig = TeiEmbedderConfig | OpenAiEmbedderConfig | OllamaEmbedderConfig | RayServeEmbedderConfig;

/** What is filled in. Few calls at a time, so that texts gather to batches while they are under way. */
export const EMBEDDER_DEFAULTS = Object.freeze({ timeout_ms: 10_000, in_flight: 4 });
