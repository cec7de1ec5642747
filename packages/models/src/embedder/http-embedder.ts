import type { ModelRef } from "@gatehouse/events";
import { Batcher } from "../batching/batcher.ts";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { JsonServer } from "../calling/json-server.ts";
import { v1Url } from "../calling/v1-url.ts";
import { EmbedderAuthError, EmbedderDownError, ModelAnswerError, ModelRefusedError } from "../errors.ts";
import { EMBEDDER_DEFAULTS, type EmbedderConfig } from "./config.ts";
import type { Dimensions } from "./dimensions.ts";
import type { EmbedProtocol } from "./embed-protocol.ts";
import type { Embedder, Embeddings } from "./embedder.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { rayServe } from "./ray-serve.ts";
import { tei } from "./tei.ts";
import { unitVector } from "./unit-vector.ts";

/** One text's vector, and the model that gave it. */
interface Embedded {
  model: ModelRef;
  vector: Float32Array;
}

const MOST_TEXTS = 1_000;
const MOST_CHARACTERS = 262_144;

/** An embedder behind HTTP. The texts of all callers gather to batches of 32 while the server is busy. */
export class HttpEmbedder implements Embedder {
  readonly #server: JsonServer;
  readonly #protocol: EmbedProtocol;
  readonly #batcher: Batcher<string, Embedded>;
  readonly #dimensions: Dimensions;

  constructor(given: EmbedderConfig, { calling, dimensions }: { calling: Calling; dimensions: Dimensions }) {
    const url = given.kind === "openai" ? v1Url(given.url) : given.url;
    const config = { ...EMBEDDER_DEFAULTS, ...given, url };
    const errors = { Down: EmbedderDownError, Auth: EmbedderAuthError };
    this.#server = new JsonServer({ config, action: "embed texts", ...errors, calling });
    this.#protocol = protocolOf(given, this.#server);
    this.#dimensions = dimensions;
    this.#batcher = new Batcher({
      run: (texts, options) => this.#run(texts, options),
      fault: this.#server.fault,
      slots: config.in_flight,
      queue: calling.queue,
      wait_ms: config.timeout_ms,
      observer: calling.batches,
    });
  }

  async embed(texts: readonly string[], options: CallOptions): Promise<Embeddings> {
    this.#assertTexts(texts);
    const failed = new AbortController();
    const signal = AbortSignal.any([options.signal, failed.signal]);
    try {
      const all = await Promise.all(texts.map((text) => this.#batcher.ask(text, { ...options, signal })));
      return { model: this.#sameModel(all), vectors: all.map(({ vector }) => vector) };
    } finally {
      failed.abort(); // what still waits is not wanted any more
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#protocol.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #run(texts: readonly string[], options: CallOptions): Promise<(Embedded | Error)[]> {
    const { made, model } = await this.#protocol.embed(texts, options, (vectors) => this.#vectors(vectors));
    return made.map((vector) => (vector instanceof Error ? vector : { model, vector }));
  }

  /** A vector that makes no sense fails its text alone. @throws {ModelAnswerError} when none of several makes sense */
  #vectors(given: readonly (readonly number[])[]): (Float32Array | Error)[] {
    const { fault } = this.#server;
    const vectors = given.map((values) => {
      try {
        return this.#dimensions.fitting(unitVector(values, fault), { by: this, fault });
      } catch (error) {
        return error as Error;
      }
    });
    const [first] = vectors;
    if (first instanceof Error && vectors.every((vector) => vector instanceof Error)) throw first;
    return vectors;
  }

  #assertTexts(texts: readonly string[]): void {
    const { fault } = this.#server;
    if (texts.length === 0 || texts.length > MOST_TEXTS)
      throw fault(ModelRefusedError, `there must be 1..${MOST_TEXTS} texts: current count is ${texts.length}`);
    for (const [at, { length }] of texts.entries())
      if (length === 0 || length > MOST_CHARACTERS)
        throw fault(
          ModelRefusedError,
          `texts[${at}] must have 1..${MOST_CHARACTERS} characters: current length is ${length}`,
        );
  }

  /** An answer that names no model says nothing of a change. */
  #sameModel(all: readonly Embedded[]): ModelRef {
    const named = all.filter(({ model }) => model.name !== "unknown");
    const [first = all[0]!] = named;
    const other = named.find(({ model }) => model.name !== first.model.name);
    if (!other) return first.model;
    const seen = `"${first.model.name}" and "${other.model.name}"`;
    throw this.#server.fault(ModelAnswerError, `all texts must be embedded by one model: they were by ${seen}`);
  }
}

function protocolOf(config: EmbedderConfig, server: JsonServer): EmbedProtocol {
  if (config.kind === "tei") return tei(server, config);
  if (config.kind === "openai") return openai(server, config);
  if (config.kind === "ollama") return ollama(server, config);
  return rayServe(server);
}
