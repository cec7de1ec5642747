import type { ModelLease } from "../gpu/model-lease.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { LlmRequest } from "./llm.ts";
import type { LlmClient, LlmOptions } from "./llm-client.ts";

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

  continues(request: LlmRequest): boolean {
    return this.#client.continues(request);
  }

  /** @throws {ModelBusyError} @throws {GpuLoadError} @throws {GpuLeaseLostError} */
  async open(request: LlmRequest, options: LlmOptions): Promise<ChatAnswer> {
    const hold = await this.#lease.hold(options);
    try {
      const answer = await this.#client.open(request, { ...options, signal: hold.signal });
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
