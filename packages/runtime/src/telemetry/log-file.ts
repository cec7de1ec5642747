import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createStream, type RotatingFileStream } from "rotating-file-stream";

/** A file of lines that is rotated: `name.log`, `name.log.1` (the newest of the older ones), … */
export interface LogFile {
  /** Never throws and never waits: lines gather while the disk is busy, up to a bound, and are counted when dropped. */
  write(line: string): void;
  /** Ends when everything written so far is in the file, or cannot be. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
export interface LogFileOptions {
  folder: string;
  name: string;
  /** A file is put aside when it is larger. */
  max_bytes: number;
  /** How many files there are at most, the current one included. */
  files: number;
  /** Is told once why the file cannot be written, and with null when it can again. */
  onFault(message: string | null): void;
  /** Is told how many lines had no place while the disk was busy or failing. */
  onDropped(lines: number): void;
}

const MAX_WAITING_CHARS = 4_194_304;
const AGAIN_AFTER_MS = 5000;
const GATHER_MS = 10;

export function openLogFile(options: LogFileOptions): LogFile {
  return new RotatedFile(options);
}

class RotatedFile implements LogFile {
  readonly #options: LogFileOptions;
  #stream: RotatingFileStream | null = null;
  #waiting: string[] = [];
  #waiting_chars = 0;
  #dropped_lines = 0;
  #failed_at_ms: number | null = null;
  #writing: Promise<void> | null = null;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  write(line: string): void {
    if (this.#waiting_chars + line.length > MAX_WAITING_CHARS) {
      this.#dropped_lines += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waiting_chars += line.length;
    if (this.#failed_at_ms !== null && Date.now() - this.#failed_at_ms < AGAIN_AFTER_MS) return;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.#waiting.length > 0) await this.#writeAll();
    const stream = this.#stream;
    this.#stream = null;
    if (stream === null || stream.destroyed) return;
    await new Promise<void>((resolve) => stream.once("close", resolve).end());
  }

  /** One write to the disk takes all lines that gathered during the one before. */
  async #writeAll(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      const chunk = lines.join("");
      this.#waiting = [];
      try {
        await this.#writeChunk(chunk);
      } catch (error) {
        this.#waiting = [...lines, ...this.#waiting];
        return this.#failed(error);
      }
      this.#waiting_chars -= chunk.length;
      this.#recovered();
      // A write costs far more than a line does: under load they gather.
      if (this.#waiting.length > 0) await sleep(GATHER_MS);
    }
  }

  #writeChunk(chunk: string): Promise<void> {
    const stream = this.#open();
    return new Promise((resolve, reject) => {
      stream.once("error", reject);
      stream.write(chunk, (error) => {
        stream.off("error", reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #open(): RotatingFileStream {
    if (this.#stream && !this.#stream.destroyed) return this.#stream;
    const { folder, name, max_bytes, files } = this.#options;
    this.#stream = createStream(`${name}.log`, {
      path: folder,
      size: `${max_bytes}B`,
      rotate: files - 1,
      mode: 0o600,
    });
    this.#stream.on("error", () => {});
    return this.#stream;
  }

  #failed(error: unknown): void {
    if (this.#failed_at_ms === null) this.#options.onFault(String((error as Error).message));
    this.#failed_at_ms = Date.now();
    this.#stream?.destroy();
    this.#stream = null;
  }

  #recovered(): void {
    if (this.#failed_at_ms !== null) this.#options.onFault(null);
    this.#failed_at_ms = null;
    const dropped = this.#dropped_lines;
    this.#dropped_lines = 0;
    if (dropped > 0) this.#options.onDropped(dropped);
  }
}
