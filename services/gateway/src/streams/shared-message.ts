import { describeError } from "@gatehouse/errors";
import { decodeBody, decodeEvent, encode, eventTypeOf, toJson } from "@gatehouse/events";

/** How a client wants to read messages. */
export type Encoding = "json" | "msgpack";

/** A message on its way to clients: of a stream, or live (then `stream` and `seq` are null). */
export interface Passing {
  stream: string | null;
  subject: string;
  seq: number | null;
  time_ms: number;
  msg_id: string | null;
  body: Uint8Array;
}

/** Fields that every message has for a client besides `op` and `id`. */
const FIELDS = 6;
const MOST_FRAMES = 8;

/** A message that is decoded once, and written once in each encoding, for everybody who follows it. */
export class SharedMessage {
  readonly subject: string;
  readonly seq: number | null;
  /** Of the body as it came. */
  readonly bytes: number;
  readonly #passing: Passing;
  #fields: Record<string, unknown> | null = null;
  readonly #written = new Map<Encoding, Buffer>();
  readonly #frames = new Map<string, Buffer>();

  /** Copies the body, which is the bus's only until the next message. */
  constructor(passing: Passing) {
    this.subject = passing.subject;
    this.seq = passing.seq;
    this.bytes = passing.body.length;
    this.#passing = { ...passing, body: passing.body.slice() };
  }

  /** What follows `op` and `id`: JSON without the opening brace, MessagePack without the head of the map. */
  rest(encoding: Encoding): Buffer {
    let rest = this.#written.get(encoding);
    if (!rest) {
      this.#fields ??= fieldsOf(this.#passing);
      const whole = encoding === "json" ? Buffer.from(toJson(this.#fields)) : encode(this.#fields);
      rest = Buffer.from(whole.buffer, whole.byteOffset + 1, whole.length - 1);
      this.#written.set(encoding, rest);
    }
    return rest;
  }

  /** A frame that many subscribers get alike (most call their subscription the same), made once. */
  frame(key: string, make: () => Buffer): Buffer {
    let frame = this.#frames.get(key);
    if (!frame) {
      frame = make();
      if (this.#frames.size < MOST_FRAMES) this.#frames.set(key, frame);
    }
    return frame;
  }

  /** How many fields `rest` has. */
  get field_count(): number {
    this.#fields ??= fieldsOf(this.#passing);
    return "error" in this.#fields ? FIELDS + 1 : FIELDS;
  }
}

function fieldsOf({ subject, stream, seq, msg_id, time_ms, body }: Passing): Record<string, unknown> {
  const head = { subject, stream, seq, msg_id, time_ms };
  try {
    const event = eventTypeOf(subject);
    const data = event
      ? decodeEvent(event, { subject, body, seq: seq ?? 0, time_ms, msg_id })
      : decodeBody(body).fields;
    return { ...head, data };
  } catch (error) {
    const { code, message } = describeError(error);
    return { ...head, data: null, error: { code, message } };
  }
}
