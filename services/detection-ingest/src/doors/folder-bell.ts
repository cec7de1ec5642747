import { type FSWatcher, watch } from "node:fs";
import { rest } from "../rest.ts";
import type { Changes } from "./stability.ts";

const MAX_NAMES = 10_000;

/**
 * Rings when the system tells of a change in a folder. It is never relied on alone: a network folder tells nothing,
 * and a system may have no watches left.
 */
export class FolderBell {
  readonly #gap_ms: number;
  readonly #watcher: FSWatcher | null;
  #changed = new Map<string, number>();
  #wake: AbortController | null = null;
  #looked_ms = Number.NEGATIVE_INFINITY;

  /** `gap_ms`: changes wake at most once in this time. */
  constructor(path: string, { gap_ms }: { gap_ms: number }) {
    this.#gap_ms = gap_ms;
    this.#watcher = this.#watch(path);
  }

  /** What changed since the last look, which begins now. */
  look(): Changes {
    const changed = this.#changed;
    this.#changed = new Map();
    this.#looked_ms = performance.now();
    return changed;
  }

  /** Resolves after this time, or sooner when something changed, or when the signal aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const end_ms = performance.now() + ms;
    if (this.#changed.size === 0) {
      this.#wake = new AbortController();
      await rest(ms, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = null;
    }
    const now_ms = performance.now();
    await rest(Math.min(end_ms, this.#looked_ms + this.#gap_ms) - now_ms, signal);
  }

  close(): void {
    this.#watcher?.close();
  }

  #watch(path: string): FSWatcher | null {
    try {
      const watcher = watch(path, { persistent: false }, (_what, name) => this.#ring(name ?? ""));
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return null;
    }
  }

  #ring(name: string): void {
    if (this.#changed.size < MAX_NAMES) this.#changed.set(name, performance.now());
    this.#wake?.abort();
  }
}
