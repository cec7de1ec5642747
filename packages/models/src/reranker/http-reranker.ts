import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { JsonServer } from "../calling/json-server.ts";
import { v1Url } from "../calling/v1-url.ts";
import { ModelAnswerError, ModelRefusedError, RerankerAuthError, RerankerDownError } from "../errors.ts";
import { RERANKER_DEFAULTS, type RerankerConfig } from "./config.ts";
import { openai } from "./openai.ts";
import type { RankProtocol } from "./rank-protocol.ts";
import { rayServe } from "./ray-serve.ts";
import type { RankedText, Ranking, Reranker } from "./reranker.ts";
import { tei } from "./tei.ts";

const MOST_TEXTS = 1_000;

/** A reranker behind HTTP. More texts than a server takes at once are asked in parts: a score is of one text alone. */
export class HttpReranker implements Reranker {
  readonly #server: JsonServer;
  readonly #protocol: RankProtocol;

  constructor(given: RerankerConfig, calling: Calling) {
    const url = given.kind === "openai" ? v1Url(given.url) : given.url;
    const config = { ...RERANKER_DEFAULTS, ...given, url };
    const errors = { Down: RerankerDownError, Auth: RerankerAuthError };
    this.#server = new JsonServer({ config, action: "rank texts", ...errors, calling });
    this.#protocol = protocolOf(given, this.#server);
  }

  async rank(query: string, texts: readonly string[], options: CallOptions): Promise<Ranking> {
    this.#assertQuestion(query, texts);
    const failed = new AbortController();
    const signal = AbortSignal.any([options.signal, failed.signal]);
    try {
      const parts = await Promise.all(
        partsOf(texts, this.#protocol.most_texts).map((part) =>
          // its first part shows whether there is room; the others may wait for it
          this.#scores(query, part, part.from === 0 ? { ...options, signal } : { ...options, signal, may_wait: true }),
        ),
      );
      const ranked = parts.flatMap(({ ranked }) => ranked).sort((a, b) => b.score - a.score || a.index - b.index);
      return { model: parts[0]!.model, ranked };
    } finally {
      failed.abort(); // what is still under way is not wanted any more
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#protocol.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #scores(query: string, { from, texts }: Part, options: CallOptions): Promise<Ranking> {
    const { model, scores } = await this.#protocol.score({ query, texts }, options);
    const missing = new Set(texts.keys());
    for (const { index } of scores) if (!missing.delete(index)) throw this.#wrongIndex(index, texts.length);
    for (const index of missing) throw this.#wrongIndex(index, texts.length);
    return { model, ranked: scores.map(({ index, score }): RankedText => ({ index: from + index, score })) };
  }

  #wrongIndex(index: number, count: number): Error {
    const wanted = `each of 0..${count - 1} must be ranked once`;
    return this.#server.fault(ModelAnswerError, `${wanted}: ${index} is not`);
  }

  #assertQuestion(query: string, texts: readonly string[]): void {
    const { fault } = this.#server;
    if (query === "") throw fault(ModelRefusedError, "the query must have characters: it is empty");
    if (texts.length === 0 || texts.length > MOST_TEXTS)
      throw fault(ModelRefusedError, `there must be 1..${MOST_TEXTS} texts: current count is ${texts.length}`);
  }
}

interface Part {
  /** Place of its first text among all. */
  from: number;
  texts: readonly string[];
}

function partsOf(texts: readonly string[], most: number): Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < texts.length; from += most) parts.push({ from, texts: texts.slice(from, from + most) });
  return parts;
}

function protocolOf(config: RerankerConfig, server: JsonServer): RankProtocol {
  if (config.kind === "tei") return tei(server);
  if (config.kind === "openai") return openai(server, config);
  return rayServe(server);
}
