import type { FoundFile } from "./file-names.ts";

/** When names changed, milliseconds of the same clock as `now_ms`. */
export type Changes = ReadonlyMap<string, number>;

interface Sighting {
  file: FoundFile;
  since_ms: number;
}

/** Knows since when each file of one folder has not changed. Holds as many files as the last look found. */
export class Stability {
  readonly #stable_ms: number;
  #seen = new Map<string, Sighting>();

  constructor(stable_ms: number) {
    this.#stable_ms = stable_ms;
  }

  /** Takes in what a look found; a change that the system told of counts from when it was told. */
  look(found: readonly FoundFile[], changes: Changes, now_ms: number): void {
    const next = new Map<string, Sighting>();
    for (const file of found) {
      const before = this.#seen.get(file.name);
      const told_ms = changes.get(file.name);
      const same = before && before.file.size === file.size && before.file.mtime_ms === file.mtime_ms;
      const since_ms = same ? Math.max(before.since_ms, told_ms ?? before.since_ms) : (told_ms ?? now_ms);
      next.set(file.name, { file, since_ms });
    }
    this.#seen = next;
  }

  /** Files that have not changed for long enough, oldest first. */
  stable(now_ms: number): FoundFile[] {
    return [...this.#seen.values()]
      .filter(({ since_ms }) => since_ms + this.#stable_ms <= now_ms)
      .map(({ file }) => file)
      .sort(olderFirst);
  }

  /** How long until the next file is stable; Infinity when none waits for it. */
  nextIn(now_ms: number): number {
    let next_ms = Number.POSITIVE_INFINITY;
    for (const { since_ms } of this.#seen.values())
      if (since_ms + this.#stable_ms > now_ms) next_ms = Math.min(next_ms, since_ms + this.#stable_ms - now_ms);
    return next_ms;
  }
}

/** By time, then by name. */
export function olderFirst(a: FoundFile, b: FoundFile): number {
  return a.mtime_ms - b.mtime_ms || (a.name < b.name ? -1 : 1);
}
