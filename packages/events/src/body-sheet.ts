/** So much stays in memory as long as any of the bodies on it does. */
const SHEET_BYTES = 32 * 1024;
const LONGEST_SHORT_TEXT = 31;

/** Where MessagePack bodies are written, one behind the other, until it is full. https://github.com/msgpack/msgpack/blob/master/spec.md */
export class BodySheet {
  #bytes = Buffer.alloc(SHEET_BYTES);
  #view = viewOf(this.#bytes);
  #start = 0;
  #at = 0;

  /** The body, as bytes that nobody writes to any more; the next one begins behind it. */
  take(): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(this.#bytes.buffer, this.#start, this.#at - this.#start);
    this.#start = this.#at;
    return body;
  }

  discard(): null {
    this.#at = this.#start;
    return null;
  }

  /** Leaves a byte out, for a head that is known later: its place in the body. */
  skip(): number {
    this.#ensure(1);
    return this.#at++ - this.#start;
  }

  /** At most 15 fields. */
  mapHead(at: number, fields: number): void {
    this.#bytes[this.#start + at] = 0x80 | fields;
  }

  arrayHead(items: number): void {
    this.#ensure(5);
    if (items < 0x10) this.#bytes[this.#at++] = 0x90 | items;
    else if (items < 0x1_0000) this.#head16(0xdc, items);
    else this.#head32(0xdd, items);
  }

  nil(): true {
    this.#ensure(1);
    this.#bytes[this.#at++] = 0xc0;
    return true;
  }

  truth(value: boolean): true {
    this.#ensure(1);
    this.#bytes[this.#at++] = value ? 0xc3 : 0xc2;
    return true;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#ensure(bytes.length);
    const own = this.#bytes;
    const start = this.#at;
    for (let i = 0; i < bytes.length; i++) own[start + i] = bytes[i]!;
    this.#at = start + bytes.length;
  }

  text(value: string): true {
    if (value.length > LONGEST_SHORT_TEXT || !this.#shortText(value)) this.#longText(value);
    return true;
  }

  /** Whole numbers stay whole, so that strictly typed clients can read them. */
  number(value: number): true {
    this.#ensure(9);
    if (!Number.isSafeInteger(value)) {
      this.#bytes[this.#at++] = 0xcb;
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
    } else if (value >= 0) this.#positive(value);
    else this.#negative(value);
    return true;
  }

  #positive(value: number): void {
    if (value < 0x80) this.#bytes[this.#at++] = value;
    else if (value < 0x100) {
      this.#bytes[this.#at++] = 0xcc;
      this.#bytes[this.#at++] = value;
    } else if (value < 0x1_0000) this.#head16(0xcd, value);
    else if (value < 0x1_0000_0000) this.#head32(0xce, value);
    else this.#head64(0xcf, value);
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#bytes[this.#at++] = value & 0xff;
    else if (value >= -0x80) {
      this.#bytes[this.#at++] = 0xd0;
      this.#bytes[this.#at++] = value & 0xff;
    } else if (value >= -0x8000) this.#head16(0xd1, value & 0xffff);
    else if (value >= -0x8000_0000) this.#head32(0xd2, value >>> 0);
    else this.#head64(0xd3, value);
  }

  #shortText(value: string): boolean {
    const { length } = value;
    this.#ensure(length + 1);
    const bytes = this.#bytes;
    const start = this.#at + 1;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[start + i] = code;
    }
    bytes[this.#at] = 0xa0 | length;
    this.#at = start + length;
    return true;
  }

  #longText(value: string): void {
    const length = Buffer.byteLength(value);
    this.#ensure(length + 5);
    if (length < 0x20) this.#bytes[this.#at++] = 0xa0 | length;
    else if (length < 0x100) {
      this.#bytes[this.#at++] = 0xd9;
      this.#bytes[this.#at++] = length;
    } else if (length < 0x1_0000) this.#head16(0xda, length);
    else this.#head32(0xdb, length);
    this.#at += this.#bytes.write(value, this.#at);
  }

  #head16(head: number, value: number): void {
    this.#bytes[this.#at++] = head;
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  #head32(head: number, value: number): void {
    this.#bytes[this.#at++] = head;
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  #head64(head: number, value: number): void {
    this.#bytes[this.#at++] = head;
    this.#view.setInt32(this.#at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(this.#at + 4, value);
    this.#at += 8;
  }

  #ensure(more: number): void {
    if (this.#at + more > this.#bytes.length) this.#takeAnother(more);
  }

  /** What was written of this body moves to a sheet of its own, with as much room again. */
  #takeAnother(more: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at);
    this.#bytes = Buffer.alloc(Math.max(SHEET_BYTES, 2 * written.length + more));
    this.#view = viewOf(this.#bytes);
    this.#bytes.set(written);
    this.#start = 0;
    this.#at = written.length;
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer<ArrayBuffer>): DataView =>
  new DataView(buffer, byteOffset, length);
