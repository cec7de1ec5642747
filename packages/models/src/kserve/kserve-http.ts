import type { CallOptions } from "../calling/call-options.ts";
import type { Exchange } from "../calling/exchange.ts";
import type { Callee, Fault } from "../calling/faults.ts";
import { ModelServer, type ModelServerOptions } from "../calling/model-server.ts";
import { assertReachable } from "../calling/probe.ts";
import { ModelAnswerError } from "../errors.ts";
import { compileInferHeaderCheck, HEADER_LENGTH, inferBody, readInferAnswer } from "./http-body.ts";
import { compileMetadataCheck, readMetadata } from "./http-metadata.ts";
import type { ModelMetadata } from "./inference-service.ts";
import type { InferAnswer, InferQuestion, KserveTransport } from "./transport.ts";

/** A model behind KServe v2 over HTTP/1.1, tensors as binary data after the JSON. */
export class KserveHttp implements KserveTransport {
  readonly #server: ModelServer;
  readonly #callee: Callee;
  readonly #path: string;
  readonly #header = compileInferHeaderCheck();
  readonly #metadata = compileMetadataCheck();

  /** `base`: the path before `/v2`. */
  constructor(options: ModelServerOptions, { base, name, version }: { base: string; name: string; version: string }) {
    const { calling, callee } = options;
    this.#server = new ModelServer({ ...options, calling: { ...calling, answer_bytes: calling.tensor_bytes } });
    this.#callee = callee;
    const chosen = version === "" ? "" : `/versions/${encodeURIComponent(version)}`;
    this.#path = `${base}/v2/models/${encodeURIComponent(name)}${chosen}`;
  }

  get fault(): Fault {
    return this.#server.fault;
  }

  async metadata(options: CallOptions): Promise<ModelMetadata> {
    const exchange = await this.#server.open({ method: "GET", path: this.#path }, options);
    return exchange.complete(async () =>
      readMetadata(await exchange.text(), { check: this.#metadata, fault: exchange.fault }),
    );
  }

  async infer<T>(question: InferQuestion, options: CallOptions, read: (answer: InferAnswer) => T): Promise<T> {
    const exchange = await this.#server.open(
      { method: "POST", path: `${this.#path}/infer`, ...inferBody(question) },
      options,
    );
    return exchange.complete(async () => {
      const { bytes, json_bytes } = await bytesOf(exchange);
      const infer_ms = exchange.elapsed_ms;
      const { header, outputs } = readInferAnswer(bytes, { json_bytes, check: this.#header, fault: exchange.fault });
      const { model_name = "", model_version = "" } = header;
      return read({ model_name, model_version, outputs, infer_ms });
    });
  }

  /** `GET /v2/models/{model}/ready`. */
  async probe(signal: AbortSignal): Promise<void> {
    const status = await this.#server.status(`${this.#path}/ready`, signal);
    assertReachable(status, { callee: this.#callee, fault: this.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

/** The whole answer; the first tensor begins at a multiple of 8 in memory, so that it can be read in place. */
async function bytesOf(exchange: Exchange): Promise<{ bytes: Uint8Array; json_bytes: number }> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of exchange.chunks()) {
    chunks.push(chunk);
    total += chunk.length;
  }
  const json_bytes = jsonBytes(exchange, total);
  const before = (8 - (json_bytes % 8)) % 8;
  const bytes = new Uint8Array(new ArrayBuffer(before + total), before);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, json_bytes };
}

function jsonBytes(exchange: Exchange, total: number): number {
  const text = exchange.header(HEADER_LENGTH);
  if (text === undefined) return total;
  const length = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (length <= total) return length;
  throw exchange.fault(ModelAnswerError, `${HEADER_LENGTH} must be 0..${total}: current value is "${text}"`);
}
