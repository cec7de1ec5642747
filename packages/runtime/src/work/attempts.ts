import { decodeBody, encode } from "@gatehouse/events";
import { type KV, Kvm } from "@nats-io/kv";
import { callBroker } from "../bus/broker-errors.ts";
import type { NatsBus } from "../bus/nats-bus.ts";
import { type History, NO_HISTORY } from "./settle.ts";

/** Failures of messages, recorded outside the process: bucket `attempts`, key `{consumer}.{stream_seq}`; written only on a non-ack. */
export class Attempts {
  readonly #bus: NatsBus;
  #bucket: Promise<KV> | null = null;

  constructor(bus: NatsBus) {
    this.#bus = bus;
  }

  async find(consumer: string, seq: number): Promise<History> {
    const entry = await this.#call((bucket) => bucket.get(`${consumer}.${seq}`));
    if (entry?.operation !== "PUT") return NO_HISTORY;
    return { ...NO_HISTORY, ...(decodeBody(entry.value).fields as Partial<History>) };
  }

  async record(consumer: string, seq: number, history: History): Promise<void> {
    await this.#call((bucket) => bucket.put(`${consumer}.${seq}`, encode(history)));
  }

  async forget(consumer: string, seq: number): Promise<void> {
    await this.#call((bucket) => bucket.purge(`${consumer}.${seq}`));
  }

  async #call<T>(use: (bucket: KV) => Promise<T>): Promise<T> {
    this.#bucket ??= new Kvm(this.#bus.connection).open("attempts");
    try {
      return await callBroker('use the bucket "attempts"', async () => use(await this.#bucket!));
    } catch (error) {
      this.#bucket = null;
      throw error;
    }
  }
}
