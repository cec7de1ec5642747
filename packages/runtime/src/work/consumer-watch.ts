import { patternContains } from "@gatehouse/events";
import type { ConsumerDeclaration } from "@gatehouse/streams";
import { DiscardPolicy, type StreamInfo } from "@nats-io/jetstream";
import { elapsed } from "../elapsed.ts";
import type { WorkShop } from "./work-shop.ts";

const LOOK_EVERY_MS = 5_000;

/**
 * Looks at one durable consumer from outside: whether delayed messages fill half of what it may hold, and whether
 * messages left the stream before they were delivered (`EXPIRED_UNSEEN`).
 */
export class ConsumerWatch {
  readonly #shop: WorkShop;
  readonly #stream: string;
  readonly #declaration: ConsumerDeclaration;
  readonly #highestDelivered: () => number;
  #reported_to = 0;
  #watching: Promise<void> | null = null;
  #filled = 0;

  /** `highestDelivered`: the highest sequence that this process got; after a crash of the broker its own memory may be older. */
  constructor(shop: WorkShop, stream: string, declaration: ConsumerDeclaration, highestDelivered: () => number) {
    this.#highestDelivered = highestDelivered;
    this.#shop = shop;
    this.#stream = stream;
    this.#declaration = declaration;
  }

  /** Why the consumer is degraded, or null. */
  get reason(): string | null {
    const { durable, max_ack_pending } = this.#declaration;
    if (this.#filled < max_ack_pending / 2) return null;
    return `${this.#filled} messages of ${durable} wait to be tried again: at ${max_ack_pending} others are held up`;
  }

  /** Looks once before anything is pulled, then every 5 s. */
  async start(): Promise<void> {
    await this.#look();
    this.#watching ??= this.#watch();
  }

  async finished(): Promise<void> {
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { stopping } = this.#shop;
    while (!stopping.aborted) {
      await elapsed(LOOK_EVERY_MS, stopping);
      if (!stopping.aborted) await this.#look();
    }
  }

  /** A broker that is away is told elsewhere: the next look sees what this one missed. */
  async #look(): Promise<void> {
    const { manager } = this.#shop.bus;
    try {
      const stream = await manager.streams.info(this.#stream);
      const consumer = await manager.consumers.info(this.#stream, this.#declaration.durable);
      this.#filled = consumer.num_ack_pending - this.#declaration.in_flight;
      const seen = Math.max(consumer.delivered.stream_seq, this.#highestDelivered(), this.#reported_to);
      const gone_to = stream.state.first_seq - 1;
      if (gone_to <= seen || !this.#mayForget(stream)) return;
      await this.#reportGap(seen + 1, gone_to);
      this.#reported_to = gone_to;
    } catch (error) {
      this.#shop.log.debug(
        { consumer: this.#declaration.durable, reason: String(error) },
        "consumer could not be looked at",
      );
    }
  }

  /** Messages leave by being acknowledged or replaced, too: only age or size, and a consumer of the whole stream, make a gap a loss. */
  #mayForget({ config, state, created }: StreamInfo): boolean {
    const whole = (config.subjects ?? []).every((subject) => patternContains(this.#declaration.filter, subject));
    const aged = Date.now() - Date.parse(created) >= config.max_age / 1_000_000;
    const full = config.discard === DiscardPolicy.Old && state.bytes >= config.max_bytes * 0.9;
    return whole && config.max_msgs_per_subject <= 0 && (aged || full);
  }

  #reportGap(from_seq: number, to_seq: number): Promise<void> {
    return this.#shop.giveUp({
      consumer: this.#declaration.durable,
      stream: this.#stream,
      seq: from_seq,
      subject: this.#declaration.filter,
      time_ms: Date.now(),
      event_id: `${this.#stream}.${from_seq}-${to_seq}`,
      body: new Uint8Array(),
      code: "EXPIRED_UNSEEN",
      reason: `Messages ${from_seq}..${to_seq} left ${this.#stream} before they were delivered`,
      attempts: 0,
    });
  }
}
