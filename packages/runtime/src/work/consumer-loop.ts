import type { ConsumerDeclaration } from "@gatehouse/streams";
import type { Msg } from "@nats-io/nats-core";
import { isMissingConsumer, isMissingStream } from "../bus/broker-errors.ts";
import { deliveryFacts } from "../bus/jetstream-message.ts";
import { Puller } from "../bus/puller.ts";
import { elapsed } from "../elapsed.ts";
import type { Input } from "../service.ts";
import { answer } from "./answer.ts";
import { type MessageWork, workMessage } from "./message-work.ts";
import { originOf } from "./origin.ts";
import { SETTLE_DEFAULTS, type SettleLimits } from "./settle.ts";
import type { WorkShop } from "./work-shop.ts";

export interface ConsumerLoopOptions {
  stream: string;
  declaration: ConsumerDeclaration;
  inputFor(subject: string): Input | null;
}

const EXPIRES_MS = 10_000;
const LOOK_AGAIN_MS = 500;

/** Pulls one durable consumer's messages and works on them, as many at once as its declaration says. */
export class ConsumerLoop {
  readonly #shop: WorkShop;
  readonly #options: ConsumerLoopOptions;
  readonly #puller: Puller;
  readonly #limits: SettleLimits;
  /** By sequence and time in the stream. */
  readonly #held = new Map<string, MessageWork>();
  readonly #holding: NodeJS.Timeout;
  readonly #off: () => void;
  #highest_seq = 0;
  #missing_since_ms: number | null = null;
  #looking: Promise<void> | null = null;
  #onIdle: (() => void)[] = [];

  constructor(shop: WorkShop, options: ConsumerLoopOptions) {
    this.#shop = shop;
    this.#options = options;
    this.#limits = {
      ...SETTLE_DEFAULTS,
      give_up_after_ms: options.declaration.give_up_after_ms,
      watches: (dependency) => shop.pause.watches(dependency),
    };
    const { durable, in_flight, kind, ack_wait_ms } = options.declaration;
    this.#puller = new Puller(shop.bus.connection, {
      stream: options.stream,
      consumer: durable,
      window: in_flight,
      ask_at: kind === "slow" ? 1 : Math.ceil(in_flight / 2),
      expires_ms: EXPIRES_MS,
      isConnected: () => shop.bus.connected,
      onMessage: (message) => this.#take(message),
      onMissing: (why) => this.#lookForConsumer(why),
    });
    this.#off = shop.bus.onReconnect(() => this.#puller.forget());
    this.#holding = setInterval(() => this.#hold(), Math.ceil(ack_wait_ms / 6)).unref();
    shop.pause.onChange((paused) => (paused ? this.#puller.close() : this.#open()));
  }

  get name(): string {
    return this.#options.declaration.durable;
  }

  /** Handlers at work. */
  get in_flight(): number {
    return this.#held.size;
  }

  /** Since when the stream or consumer is not there, or null. */
  get missing_since_ms(): number | null {
    return this.#missing_since_ms;
  }

  /** The highest sequence that was delivered here. */
  get highest_seq(): number {
    return this.#highest_seq;
  }

  /** Begins to pull as soon as the consumer is there. */
  start(): void {
    this.#lookForConsumer("started");
  }

  /** Asks for nothing more; messages that are still on their way are let go. */
  async stopPulling(): Promise<void> {
    await this.#puller.drain();
  }

  /** Resolves when no handler is at work any more. */
  async finished(): Promise<void> {
    while (this.#held.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    await this.#looking;
  }

  /** Ends its timers and its subscription, at the end of everything. */
  dispose(): void {
    clearInterval(this.#holding);
    this.#puller.dispose();
    this.#off();
  }

  #open(): void {
    if (!this.#shop.stopping.aborted && !this.#shop.pause.paused) this.#puller.open();
  }

  #take(message: Msg): void {
    const facts = deliveryFacts(message);
    const key = `${facts.seq} ${facts.time_ms}`;
    const held = this.#held.get(key);
    if (held) return this.#takeAgain(held, message);
    const { declaration, inputFor } = this.#options;
    const origin = originOf(message, facts);
    const [shop, limits] = [this.#shop, this.#limits];
    const told_ms = performance.now();
    const work = { shop, declaration, limits, facts, origin, message, again: 0, gone: false, inputFor, told_ms };
    this.#held.set(key, work);
    this.#highest_seq = Math.max(this.#highest_seq, facts.seq);
    void workMessage(work).then(() => this.#finish(key));
  }

  #finish(key: string): void {
    this.#held.delete(key);
    this.#puller.finish();
    if (this.#held.size > 0) return;
    for (const resolve of this.#onIdle) resolve();
    this.#onIdle = [];
  }

  /** The broker lost patience, or was started anew, while the message is worked on here: one handler is enough. */
  #takeAgain(work: MessageWork, message: Msg): void {
    work.message = message;
    work.again++;
    this.#shop.meters.redelivered(this.name);
    work.gone = false;
    this.#puller.finish();
  }

  /** Tells the broker, at the latest after a third of the ack wait, that the messages in hand are being worked on. */
  #hold(): void {
    const { ack_wait_ms } = this.#options.declaration;
    const now_ms = performance.now();
    for (const held of this.#held.values()) {
      if (now_ms - held.told_ms < ack_wait_ms / 6) continue;
      held.told_ms = now_ms;
      answer(held, "+WPI");
    }
  }

  #lookForConsumer(why: "started" | "deleted" | "silent"): void {
    if (this.#looking || this.#shop.stopping.aborted) return;
    this.#puller.close();
    if (why === "deleted") this.#forsake();
    this.#looking = this.#waitForConsumer(why === "deleted").finally(() => {
      this.#looking = null;
      this.#open();
    });
  }

  /** Made anew, the consumer may mean another message by the same sequence. */
  #forsake(): void {
    for (const held of this.#held.values()) held.gone = true;
  }

  /** A broker that still starts says that the consumer is there and refuses to deliver from it: then it looks `late`. */
  async #waitForConsumer(late: boolean): Promise<void> {
    const { stream, declaration } = this.#options;
    const { manager } = this.#shop.bus;
    if (late) await elapsed(LOOK_AGAIN_MS, this.#shop.stopping);
    while (!this.#shop.stopping.aborted) {
      try {
        await manager.consumers.info(stream, declaration.durable);
        this.#missing_since_ms = null;
        return;
      } catch (error) {
        if (isMissingConsumer(error) || isMissingStream(error)) {
          this.#missing_since_ms ??= Date.now();
          this.#forsake();
        }
      }
      await elapsed(LOOK_AGAIN_MS, this.#shop.stopping);
    }
  }
}
