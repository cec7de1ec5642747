import type { GatehouseError } from "@gatehouse/errors";
import { UndecodableError } from "./errors.ts";

/** The most levels of maps and lists in a body, the outermost counted. */
export const MOST_LEVELS = 32;

/** What one head byte announces: bytes of the length field, bytes of the value, items inside. */
interface Head {
  length_bytes: number;
  value_bytes: number;
  items_per_length: number;
}

const value = (value_bytes: number): Head => ({ length_bytes: 0, value_bytes, items_per_length: 0 });
const text = (length_bytes: number): Head => ({ length_bytes, value_bytes: 0, items_per_length: 0 });
const holder = (length_bytes: number, items_per_length: number): Head => ({
  length_bytes,
  value_bytes: 0,
  items_per_length,
});

/** https://github.com/msgpack/msgpack/blob/master/spec.md; extension types are not on this wire. */
const HEADS = new Map<number, Head>([
  ...[0xc0, 0xc2, 0xc3].map((byte) => [byte, value(0)] as const),
  ...[0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb].map((byte, i) => [byte, text(2 ** (i % 3))] as const),
  ...[0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3].map((byte, i) => [byte, value(2 ** (i % 4))] as const),
  ...[0xca, 0xcb].map((byte, i) => [byte, value(4 + 4 * i)] as const),
  ...[0xdc, 0xdd].map((byte, i) => [byte, holder(2 + 2 * i, 1)] as const),
  ...[0xde, 0xdf].map((byte, i) => [byte, holder(2 + 2 * i, 2)] as const),
]);

/**
 * Walks a MessagePack body without building anything, so that a few bytes that announce long or deep lists
 * cannot make the decoder take hundreds of megabytes.
 * @throws {UndecodableError} when it is cut short, nested deeper than `MOST_LEVELS`, or holds an extension type.
 */
export function checkMessagePackShape(body: Uint8Array): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const open = [1];
  let at = 0;
  while (open.length > 0) {
    const left = open.pop()!;
    if (left === 0) continue;
    open.push(left - 1);
    const { next, items } = readHead(body, view, at);
    if (next + items > body.length) throw refusal(body, `it ends before the value at byte ${at} does`);
    if (items > 0) open.push(items);
    if (open.length > MOST_LEVELS + 1) throw refusal(body, `it must have at most ${MOST_LEVELS} levels`);
    at = next;
  }
}

/** Where the next value begins, and how many items this one holds (each takes a byte at least). */
function readHead(body: Uint8Array, view: DataView, at: number): { next: number; items: number } {
  if (at >= body.length) throw refusal(body, `it ends at byte ${at} where a value must begin`);
  const byte = body[at]!;
  if (byte <= 0x7f || byte >= 0xe0) return { next: at + 1, items: 0 };
  if (byte <= 0x8f) return { next: at + 1, items: 2 * (byte & 0x0f) };
  if (byte <= 0x9f) return { next: at + 1, items: byte & 0x0f };
  if (byte <= 0xbf) return { next: at + 1 + (byte & 0x1f), items: 0 };
  const head = HEADS.get(byte);
  if (!head) throw refusal(body, `byte ${at} must begin a plain value: it is 0x${byte.toString(16)}`);
  const start = at + 1 + head.length_bytes;
  if (start > body.length) throw refusal(body, `it ends within the length at byte ${at}`);
  const length = lengthAt(view, at + 1, head.length_bytes);
  if (head.items_per_length > 0) return { next: start, items: length * head.items_per_length };
  return { next: start + head.value_bytes + length, items: 0 };
}

function lengthAt(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at);
  return bytes === 4 ? view.getUint32(at) : 0;
}

function refusal(body: Uint8Array, why: string): GatehouseError {
  return new UndecodableError(`Cannot read the body as MessagePack (${body.length} bytes) as ${why}`);
}
