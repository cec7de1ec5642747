import { encode } from "@gatehouse/events";
import type { Encoding, SharedMessage } from "../streams/shared-message.ts";

const TEXT = 0x81;
const BINARY = 0x82;
/** Up to this size a frame is copied into one piece. */
const SMALL_BYTES = 4_096;

/** The head of an unmasked, final WebSocket frame (RFC 6455, 5.2). */
function frameHead(encoding: Encoding, bytes: number): Buffer {
  const first = encoding === "json" ? TEXT : BINARY;
  if (bytes < 126) return Buffer.of(first, bytes);
  if (bytes < 65_536) return Buffer.of(first, 126, bytes >> 8, bytes & 0xff);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}

/** One frame for a value of our own. */
export function frameOf(encoding: Encoding, value: object): Buffer {
  const body = encoding === "json" ? Buffer.from(JSON.stringify(value)) : Buffer.from(encode(value));
  return Buffer.concat([frameHead(encoding, body.length), body]);
}

/** What stands before the shared part of every message of one subscription. */
export interface Prefixes {
  readonly encoding: Encoding;
  readonly id: string;
}

/** The frame of one message: a small part of its own, and the part that all subscribers share. */
export function messageFrame({ encoding, id }: Prefixes, message: SharedMessage): Buffer[] {
  const rest = message.rest(encoding);
  const head = (): Buffer => {
    const own = opAndId(encoding, { op: "message", id }, message.field_count);
    return Buffer.concat([frameHead(encoding, own.length + rest.length), own]);
  };
  if (rest.length > SMALL_BYTES) return [head(), rest];
  return [message.frame(`${encoding} ${id}`, () => Buffer.concat([head(), rest]))];
}

/** The frame of several messages: `{"op":"batch","id","messages":[…]}`. */
export function batchFrame({ encoding, id }: Prefixes, messages: readonly SharedMessage[]): Buffer[] {
  const open = encoding === "json" ? Buffer.from("{") : null;
  const comma = Buffer.from(",{");
  const parts: Buffer[] = messages.flatMap((message, i) => {
    const head = open ? (i === 0 ? open : comma) : Buffer.of(0x80 | message.field_count);
    return [head, message.rest(encoding)];
  });
  const own = opAndId(encoding, { op: "batch", id }, 1);
  const list =
    encoding === "json"
      ? Buffer.from('"messages":[')
      : Buffer.concat([packedKey("messages"), listHead(messages.length)]);
  const end = encoding === "json" ? [Buffer.from("]}")] : [];
  const all = [own, list, ...parts, ...end];
  return [
    frameHead(
      encoding,
      all.reduce((sum, { length }) => sum + length, 0),
    ),
    ...all,
  ];
}

function opAndId(encoding: Encoding, value: { op: string; id: string }, more: number): Buffer {
  if (encoding === "json") return Buffer.from(`${JSON.stringify(value).slice(0, -1)},`);
  return Buffer.concat([Buffer.of(0x80 | (2 + more)), encode(value).subarray(1)]);
}

/** The text of a key: a map of one entry without its head and its nil. */
function packedKey(name: string): Uint8Array {
  return encode({ [name]: null }).subarray(1, -1);
}

function listHead(length: number): Buffer {
  return Buffer.of(0xdc, length >> 8, length & 0xff);
}
