/** Thrown at what only the careful reader can judge: a wrong type, an unknown field, text with U+0000, a cut. */
export const NOT_PLAIN = Object.freeze({ plain: false });

const LONGEST_SHORT_TEXT = 31;
/** The characters of a short text, by its length: putting them together one by one makes a text of each beginning. */
const CODES = Array.from({ length: LONGEST_SHORT_TEXT + 1 }, (_, length) => new Array<number>(length).fill(0));
const MOST_ITEMS = 100_000;
const NIL = 0xc0;

/**
 * A MessagePack body and where its reader stands (https://github.com/msgpack/msgpack/blob/master/spec.md). Throws
 * `NOT_PLAIN` at anything that it was not asked for; a body that was cut ends in that or a RangeError.
 */
export class PlainBody {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Steps over null if it is next. */
  takesNil(): boolean {
    if (this.#bytes[this.#at] !== NIL) return false;
    this.#at++;
    return true;
  }

  /** Steps over this short text if it is the next one. */
  takesKey(key: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    if (bytes[this.#at] !== (0xa0 | key.length) || key.length > 31) return false;
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
    this.#at = start + key.length;
    return true;
  }

  mapLength(): number {
    const head = this.#bytes[this.#at++]!;
    if (head >= 0x80 && head <= 0x8f) return head & 0x0f;
    if (head === 0xde) return this.#uint16();
    throw NOT_PLAIN;
  }

  /** At most `MOST_ITEMS`, and no more than there are bytes. */
  arrayLength(): number {
    const head = this.#bytes[this.#at++]!;
    if (head >= 0x90 && head <= 0x9f) return head & 0x0f;
    const length = head === 0xdc ? this.#uint16() : head === 0xdd ? this.#uint32() : -1;
    if (length < 0 || length > MOST_ITEMS || length > this.left) throw NOT_PLAIN;
    return length;
  }

  truth(): boolean {
    const head = this.#bytes[this.#at++]!;
    if (head !== 0xc2 && head !== 0xc3) throw NOT_PLAIN;
    return head === 0xc3;
  }

  number(): number {
    const view = this.#view;
    const at = this.#at + 1;
    const head = this.#bytes[this.#at]!;
    if (head <= 0x7f) return this.#read(1, head);
    if (head >= 0xe0) return this.#read(1, head - 0x100);
    switch (head) {
      case 0xca:
        return this.#read(5, view.getFloat32(at));
      case 0xcb:
        return this.#read(9, view.getFloat64(at));
      case 0xcc:
        return this.#read(2, view.getUint8(at));
      case 0xcd:
        return this.#read(3, view.getUint16(at));
      case 0xce:
        return this.#read(5, view.getUint32(at));
      case 0xcf:
        return this.#read(9, view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4));
      case 0xd0:
        return this.#read(2, view.getInt8(at));
      case 0xd1:
        return this.#read(3, view.getInt16(at));
      case 0xd2:
        return this.#read(5, view.getInt32(at));
      case 0xd3:
        return this.#read(9, view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4));
      default:
        throw NOT_PLAIN;
    }
  }

  /** Text without U+0000. */
  text(): string {
    const start = this.#textStart();
    const end = this.#at;
    const bytes = this.#bytes;
    if (end - start > LONGEST_SHORT_TEXT) return this.#longText(start, end);
    const codes = CODES[end - start]!;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x80) return this.#longText(start, end);
      if (byte === 0) throw NOT_PLAIN;
      codes[i - start] = byte;
    }
    return String.fromCharCode(...codes);
  }

  /** A view on the body. */
  bytes(): Uint8Array {
    const head = this.#bytes[this.#at++]!;
    const length = head === 0xc4 ? this.#uint8() : head === 0xc5 ? this.#uint16() : head === 0xc6 ? this.#uint32() : -1;
    const start = this.#at;
    if (length < 0 || length > this.left) throw NOT_PLAIN;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Where the next text begins; afterwards the reader stands at its end. */
  #textStart(): number {
    const head = this.#bytes[this.#at++]!;
    let length: number;
    if (head >= 0xa0 && head <= 0xbf) length = head & 0x1f;
    else if (head === 0xd9) length = this.#uint8();
    else if (head === 0xda) length = this.#uint16();
    else if (head === 0xdb) length = this.#uint32();
    else throw NOT_PLAIN;
    if (length > this.left) throw NOT_PLAIN;
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #longText(start: number, end: number): string {
    const { buffer, byteOffset } = this.#bytes;
    const text = Buffer.from(buffer, byteOffset + start, end - start).toString("utf8");
    // U+FFFD stands for what is no UTF-8.
    if (text.includes("\u0000") || text.includes("\ufffd")) throw NOT_PLAIN;
    return text;
  }

  #read(length: number, value: number): number {
    this.#at += length;
    return value;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#at++);
  }

  #uint16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  #uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }
}
