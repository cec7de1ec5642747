import type { ModelLease } from "../gpu/model-lease.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Asked, LlmClient, LlmOptions } from "./llm-client.ts";
import type { WireRequest } from "./wire-request.ts";

/** A language model that shares a card: it is held from before the question until its answer is closed. */
export class LeasedLlm implements LlmClient {
  readonly #client: LlmClient;
  readonly #lease: ModelLease;

  constructor(client: LlmClient, lease: ModelLease) {
    this.#client = client;
    this.#lease = lease;
  }

  get fault() {
    return this.#client.fault;
  }

  get model() {
    return this.#client.model;
  }

  continues(request: WireRequest): boolean {
    return this.#client.continues(request);
  }

  /** @throws {ModelBusyError} @throws {GpuLoadError} @throws {GpuLeaseLostError} */
  async open(asked: Asked, options: LlmOptions): Promise<ChatAnswer> {
    const hold = await this.#lease.hold(options);
    try {
      const answer = await this.#client.open(asked, { ...options, signal: hold.signal });
      answer.whenOver(() => hold.release());
      return answer;
    } catch (error) {
      this.#lease.failed(hold);
      hold.release();
      throw error;
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#lease.probe(() => this.#client.probe(signal));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
