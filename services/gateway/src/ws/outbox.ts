import { once } from "node:events";
import type { Duplex } from "node:stream";

/** What may wait above the limit for answers to what the client itself asked. */
const ANSWERS_BYTES = 64 * 1024;
const PATIENCE_MS = 10_000;
const ONE_WRITE_BYTES = 64 * 1024;

/** What waits for one connection: bounded, written once for each turn of the event loop. */
export class Outbox {
  readonly #socket: Duplex;
  readonly #max_bytes: number;
  #waiting: Buffer[] = [];
  #waiting_bytes = 0;
  #answer_bytes = 0;
  #scheduled = false;

  constructor(socket: Duplex, max_bytes: number) {
    this.#socket = socket;
    this.#max_bytes = max_bytes;
  }

  get bytes(): number {
    return this.#waiting_bytes + this.#socket.writableLength;
  }

  /** Takes the parts of a frame, unless too much waits already. A frame larger than the limit is taken when nothing waits. */
  offer(parts: readonly Buffer[]): boolean {
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    if (!this.#fits(bytes)) {
      this.flush(); // what the system takes off our hands does not wait here
      if (!this.#fits(bytes)) return false;
    }
    this.#add(parts, bytes);
    return true;
  }

  /** Takes an answer also when too much waits. False: the client asks and asks and does not read. */
  answer(frame: Buffer): boolean {
    if (this.bytes === 0) this.#answer_bytes = 0;
    if (this.#answer_bytes + frame.length > ANSWERS_BYTES && this.#answer_bytes > 0) return false;
    this.#answer_bytes += frame.length;
    this.#add([frame], frame.length);
    return true;
  }

  /** Whether there is room for more within 10 s. Half of the limit must be more than a socket holds before it asks to wait. */
  async room(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.bytes < this.#max_bytes / 2) return true;
    this.flush();
    if (!this.#socket.writableNeedDrain) return !this.#socket.destroyed;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    return once(this.#socket, "drain", { signal: patience }).then(
      () => true,
      () => false,
    );
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const parts = this.#waiting;
    const bytes = this.#waiting_bytes;
    this.#waiting = [];
    this.#waiting_bytes = 0;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (parts.length === 1) this.#socket.write(parts[0]);
    else if (bytes <= ONE_WRITE_BYTES) this.#socket.write(Buffer.concat(parts, bytes));
    else {
      this.#socket.cork();
      for (const part of parts) this.#socket.write(part);
      this.#socket.uncork();
    }
  }

  #fits(bytes: number): boolean {
    const before = this.bytes;
    return before === 0 || before + bytes <= this.#max_bytes;
  }

  #add(parts: readonly Buffer[], bytes: number): void {
    this.#waiting.push(...parts);
    this.#waiting_bytes += bytes;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }
}
