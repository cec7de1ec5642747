import { decodeBody } from "@gatehouse/events";
import type { Bus } from "@gatehouse/runtime";
import type { ToldStatus } from "./pipelines-story.ts";

const SUBJECT = "ai.pipeline.status.";

/** Reads all statuses from the bus, as they come. */
export class StatusReader {
  readonly told: ToldStatus[] = [];
  readonly #ending = new AbortController();
  readonly #onTold: (told: ToldStatus) => void;
  readonly #loop: Promise<void>;

  constructor(bus: Bus, onTold: (told: ToldStatus) => void) {
    this.#onTold = onTold;
    this.#loop = this.#run(bus);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  async #run(bus: Bus): Promise<void> {
    const options = { signal: this.#ending.signal, filter: `${SUBJECT}*` };
    for await (const { subject, body } of bus.follow("AI_PIPELINE", "all", options)) {
      const told = { ...decodeBody(body).fields, request_id: subject.slice(SUBJECT.length) } as ToldStatus;
      this.told.push(told);
      this.#onTold(told);
    }
  }
}
