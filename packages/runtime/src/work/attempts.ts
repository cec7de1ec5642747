import { decodeBody, encode } from "@gatehouse/events";
import { type KV, Kvm } from "@nats-io/kv";
import { callBroker } from "../bus/broker-errors.ts";
import type { NatsBus } from "../bus/nats-bus.ts";
import { type History, NO_HISTORY } from "./settle.ts";

const BUCKET = "attempts";
const ACTION = `use the bucket "${BUCKET}"`;

/** Failures of messages, recorded outside the process: bucket `attempts`, key `{consumer}.{stream_seq}`; written only on a non-ack. */
export class Attempts {
  readonly #bus: NatsBus;
  #bucket: Promise<KV> | null = null;

  constructor(bus: NatsBus) {
    this.#bus = bus;
  }

  /** Whether the bucket is there. @throws {NoStreamError | BusUnavailableError} */
  async probe(): Promise<void> {
    await callBroker(ACTION, () => this.#bus.manager.streams.info(`KV_${BUCKET}`));
  }

  async find(consumer: string, seq: number): Promise<History> {
    const entry = await this.#call((bucket) => bucket.get(`${consumer}.${seq}`));
    if (entry?.operation !== "PUT") return NO_HISTORY;
    return { ...NO_HISTORY, ...(decodeBody(entry.value).fields as Partial<History>) };
  }

  async record(consumer: string, seq: number, history: History): Promise<void> {
    await this.#call((bucket) => bucket.put(`${consumer}.${seq}`, encode(history)));
  }

  /** Removes what was recorded. The client's own purge leaves a marker for each key, which would fill the bucket in time. */
  async forget(consumer: string, seq: number): Promise<void> {
    const filter = `$KV.${BUCKET}.${consumer}.${seq}`;
    await callBroker(ACTION, () => this.#bus.manager.streams.purge(`KV_${BUCKET}`, { filter }));
  }

  async #call<T>(use: (bucket: KV) => Promise<T>): Promise<T> {
    this.#bucket ??= new Kvm(this.#bus.connection).open(BUCKET);
    try {
      return await callBroker(ACTION, async () => use(await this.#bucket!));
    } catch (error) {
      this.#bucket = null;
      throw error;
    }
  }
}
