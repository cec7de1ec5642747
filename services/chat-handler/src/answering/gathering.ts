/** How long text is gathered, about. */
const GATHER_MS = 25;
/** Streams whose time is up within the same so many milliseconds are written together, in one write to the socket. */
const SLOT_MS = 5;

/** When the text of many streams leaves: each about 25 ms after its first piece, many at a time. */
export class Gathering {
  readonly #slots = new Map<number, (() => void)[]>();

  /** Calls back after 22.5 to 27.5 ms, together with others. */
  later(run: () => void): void {
    const now_ms = performance.now();
    const slot = Math.round((now_ms + GATHER_MS) / SLOT_MS);
    const runs = this.#slots.get(slot);
    if (runs) {
      runs.push(run);
      return;
    }
    this.#slots.set(slot, [run]);
    setTimeout(() => this.#fire(slot), slot * SLOT_MS - now_ms);
  }

  #fire(slot: number): void {
    const runs = this.#slots.get(slot) ?? [];
    this.#slots.delete(slot);
    for (const run of runs) run();
  }
}
