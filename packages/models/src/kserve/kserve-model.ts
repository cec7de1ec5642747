import type { ErrorClass } from "@gatehouse/errors";
import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Fault } from "../calling/faults.ts";
import { ModelRefusedError } from "../errors.ts";
import type { KserveConfig } from "./config.ts";
import type { ModelMetadata } from "./inference-service.ts";
import { openTransport } from "./open-transport.ts";
import type { InferAnswer, InferQuestion, KserveTransport } from "./transport.ts";

/** For whom a model works. */
export interface KserveUse {
  /** `detect objects` */
  action: string;
  Down: ErrorClass;
  Auth: ErrorClass;
  calling: Calling;
}

/** What a model said, and what it says of itself. */
interface Inferred {
  answer: InferAnswer;
  model: ModelRef;
}

/** One model behind KServe v2. What it takes and gives is asked once, and again after a failure. */
export class KserveModel {
  readonly #transport: KserveTransport;
  readonly #Down: ErrorClass;
  #metadata: ModelMetadata | undefined;

  /** @throws {ModelConfigError} for a url or secret that cannot be used */
  constructor(config: KserveConfig, use: KserveUse) {
    this.#transport = openTransport(config, use);
    this.#Down = use.Down;
  }

  get fault(): Fault {
    return this.#transport.fault;
  }

  /** What the model takes and gives. A server that refuses to tell has no such model: it is down. */
  async metadata(options: CallOptions): Promise<ModelMetadata> {
    try {
      this.#metadata ??= await this.#transport.metadata(options);
      return this.#metadata;
    } catch (error) {
      if (!(error instanceof ModelRefusedError)) throw error;
      throw this.fault(this.#Down, "the server must know the model: it refuses to describe it", { cause: error });
    }
  }

  /** Asks the model and reads its answer. A refusal is the question's fault only if the model is still there. */
  async infer<T>(question: InferQuestion, options: CallOptions, read: (inferred: Inferred) => T): Promise<T> {
    const metadata = await this.metadata(options);
    try {
      return await this.#transport.infer(question, options, (answer) =>
        read({ answer, model: modelRef(metadata, answer) }),
      );
    } catch (error) {
      this.#metadata = undefined;
      if (error instanceof ModelRefusedError) await this.metadata(options);
      throw error;
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#transport.probe(signal);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

const modelRef = (metadata: ModelMetadata, { model_name, model_version }: InferAnswer): ModelRef => ({
  name: model_name || metadata.name || "unknown",
  version: model_version || metadata.versions.at(-1) || "unknown",
  backend: metadata.platform || "kserve",
});
