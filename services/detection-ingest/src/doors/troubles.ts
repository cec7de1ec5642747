/** A file that could not be taken in, and may be later. */
interface Trouble {
  tries: number;
  again_ms: number;
  code: string;
  reason: string;
}

const WAIT_MS = 30_000;
const MAX_TROUBLES = 10_000;

/** The files of one folder that are left where they are, for a while. */
export class Troubles {
  readonly #troubles = new Map<string, Trouble>();

  /** Leaves the file alone for 30 s. True for its first time. */
  add(name: string, { code, message }: { code: string; message: string }, now_ms: number): boolean {
    const tries = this.tries(name) + 1;
    if (tries === 1 && this.#troubles.size >= MAX_TROUBLES) this.#troubles.delete(this.#troubles.keys().next().value!);
    this.#troubles.set(name, { tries, again_ms: now_ms + WAIT_MS, code, reason: message });
    return tries === 1;
  }

  tries(name: string): number {
    return this.#troubles.get(name)?.tries ?? 0;
  }

  /** Whether it is too early to look at the file again. */
  waits(name: string, now_ms: number): boolean {
    return (this.#troubles.get(name)?.again_ms ?? 0) > now_ms;
  }

  clear(name: string): void {
    this.#troubles.delete(name);
  }

  /** Forgets what was looked for and is gone. */
  keepOnly(found: ReadonlySet<string>, now_ms: number): void {
    for (const [name, { again_ms }] of this.#troubles)
      if (again_ms <= now_ms && !found.has(name)) this.#troubles.delete(name);
  }

  /** One sentence about all of them, null when there are none. */
  sentence(folder: string): string | null {
    const first = this.#troubles.entries().next().value;
    if (!first) return null;
    const [name, { code, reason }] = first;
    const count = this.#troubles.size === 1 ? "1 file" : `${this.#troubles.size} files`;
    return `${count} of folder "${folder}" cannot be taken in yet, as "${name}": ${code}: ${reason}`;
  }
}
