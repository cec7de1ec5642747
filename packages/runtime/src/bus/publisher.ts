import { describeError } from "@gatehouse/errors";
import { createInbox, type Msg, type NatsConnection } from "@nats-io/nats-core";
import { BusUnavailableError, FencedError, NoStreamError, PayloadTooLargeError, StreamFullError } from "../errors.ts";
import type { PublishAck, PublishOptions } from "./bus.ts";
import type { Outbox, WriteOptions } from "./outbox.ts";
import { wireHeaders } from "./wire-headers.ts";

/** A message that is not acknowledged yet; the outbox writes it with this. */
interface Pending extends WriteOptions {
  readonly subject: string;
  readonly deadline_ms: number;
  resolve(ack: PublishAck): void;
  reject(error: Error): void;
}

interface AckBody {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code: number; err_code?: number; description?: string };
}

const WRONG_LAST_SEQUENCE = 10_071;
const STREAM_STORE_FAILED = 10_077;
/** The message, or its headers (64 KiB). */
const TOO_LARGE = [10_054, 10_097];
const SWEEP_MS = 100;

/**
 * Publishes to streams through one inbox of its own: one subscription for all acknowledgements.
 * (The client's own `js.publish` spends 55 % of its time on stack traces of errors that never happen.)
 */
export class Publisher {
  readonly #connection: NatsConnection;
  readonly #outbox: Outbox;
  readonly #isConnected: () => boolean;
  readonly #inbox = createInbox();
  /** By what stands behind the inbox in the reply's subject. */
  readonly #pending = new Map<string, Pending>();
  readonly #sweep: NodeJS.Timeout;
  #last = 0;

  constructor(connection: NatsConnection, outbox: Outbox, isConnected: () => boolean) {
    this.#isConnected = isConnected;
    this.#connection = connection;
    this.#outbox = outbox;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#onAck(message);
      },
    });
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS).unref();
  }

  publish(
    subject: string,
    body: Uint8Array,
    { id, after, headers, timeout_ms = 5_000 }: PublishOptions = {},
  ): Promise<PublishAck> {
    if (!this.#isConnected())
      return Promise.reject(new BusUnavailableError(`Cannot publish to "${subject}" as the broker is away`));
    const wire = wireHeaders(id, after, headers);
    this.#last++;
    const key = this.#last.toString(36);
    const reply = `${this.#inbox}.${key}`;
    const length = body.length + (wire?.length ?? 0);
    return new Promise<PublishAck>((resolve, reject) => {
      const pending: Pending = {
        reply,
        onRefused: (error) => this.#refuse(key, length, error),
        subject,
        deadline_ms: performance.now() + timeout_ms,
        resolve,
        reject,
      };
      if (wire) pending.headers = wire.asClientHeaders();
      this.#pending.set(key, pending);
      this.#outbox.write(subject, body, pending);
    });
  }

  /** The client would not write it: it is too large with its headers, or its subject is none. */
  #refuse(key: string, length: number, error: unknown): void {
    const waiting = this.#pending.get(key);
    if (!waiting) return;
    this.#pending.delete(key);
    const max = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const words = `Cannot publish to "${waiting.subject}" as`;
    const tooLarge = `${words} a message with its headers must be at most ${max} bytes: current length is ${length}`;
    waiting.reject(
      length > max
        ? new PayloadTooLargeError(tooLarge)
        : new TypeError(`${words} ${describeError(error).message}`, { cause: error }),
    );
  }

  /** Publishes without an acknowledgement that are still waited for fail; they may have been kept. */
  failAll(reason: string): void {
    for (const [key, { subject, reject }] of this.#pending) {
      this.#pending.delete(key);
      reject(new BusUnavailableError(`Cannot publish to "${subject}" as ${reason}`));
    }
  }

  close(): void {
    clearInterval(this.#sweep);
    this.failAll("the bus was closed");
  }

  #onAck(message: Msg): void {
    const key = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#pending.get(key);
    if (!waiting) return;
    this.#pending.delete(key);
    const { data } = message;
    if (data.length === 0)
      return waiting.reject(new NoStreamError(`Cannot publish to "${waiting.subject}" as no stream takes it now`));
    const ack = readAck(data);
    if (ack.error) return waiting.reject(refusal(waiting.subject, ack.error));
    waiting.resolve({ stream: ack.stream ?? "", seq: ack.seq ?? 0, duplicate: ack.duplicate ?? false });
  }

  #expire(): void {
    const now_ms = performance.now();
    for (const [key, { subject, deadline_ms, reject }] of this.#pending) {
      if (deadline_ms > now_ms) continue;
      this.#pending.delete(key);
      reject(new BusUnavailableError(`Cannot publish to "${subject}" as the broker did not acknowledge in time`));
    }
  }
}

/** What a callback throws would end the client's reading for good: an answer that is none counts as a fault of the broker. */
function readAck(data: Uint8Array): AckBody {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString()) as AckBody;
  } catch {
    return { error: { code: 500, description: "the acknowledgement cannot be read" } };
  }
}

function refusal(subject: string, { code, err_code = 0, description = "" }: NonNullable<AckBody["error"]>): Error {
  const words = `Cannot publish to "${subject}": ${description || code}`;
  const facts = { err_code };
  if (err_code === WRONG_LAST_SEQUENCE) return new FencedError(`${words}, another writer was first`, { facts });
  if (TOO_LARGE.includes(err_code)) return new PayloadTooLargeError(words, { facts });
  if (err_code === STREAM_STORE_FAILED && description.startsWith("maximum"))
    return new StreamFullError(words, { facts, retry_after_ms: 1_000 });
  return new BusUnavailableError(words, { facts });
}
