import { decodeBody } from "@gatehouse/events";
import type { Bus } from "@gatehouse/runtime";
import type { AnswerPart } from "../../harness/chat-client.ts";

const SUBJECT = "ai.chat.response.stream.";

/** Reads all answers from the bus itself, as they come: what the doors make of them is another matter. */
export class BusReader {
  readonly answers = new Map<string, AnswerPart[]>();
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;

  constructor(bus: Bus) {
    this.#loop = this.#run(bus);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  async #run(bus: Bus): Promise<void> {
    for await (const { subject, seq, body } of bus.follow("AI_CHAT_STREAM", "all", { signal: this.#ending.signal })) {
      const request_id = subject.slice(SUBJECT.length);
      const parts = this.answers.get(request_id) ?? [];
      parts.push({ ...(decodeBody(body).fields as unknown as Omit<AnswerPart, "stream_seq">), stream_seq: seq });
      this.answers.set(request_id, parts);
    }
  }
}
