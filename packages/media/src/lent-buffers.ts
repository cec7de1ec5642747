/**
 * Large buffers that are used again. Each new one would lie outside the JavaScript heap, and what lies there makes the
 * garbage collector run: 300 kB a picture cost as much CPU time as its decoding.
 */
export class LentBuffers {
  readonly #free: Buffer[];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];

  /** At most so many are lent at a time; whoever comes later waits in line. */
  constructor(most: number) {
    this.#free = Array.from({ length: most }, () => Buffer.alloc(0));
  }

  /** Lends a buffer of at least so many bytes, with anything in it, until the work is done. */
  async lend<T>(bytes: number, work: (buffer: Buffer) => Promise<T>): Promise<T> {
    const free = this.#free.pop() ?? (await new Promise<Buffer>((resolve) => this.#waiting.push(resolve)));
    const buffer = free.length < bytes ? Buffer.allocUnsafeSlow(bytes) : free;
    try {
      return await work(buffer);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(buffer);
      else this.#free.push(buffer);
    }
  }
}
