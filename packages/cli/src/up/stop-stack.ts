import { once } from "node:events";

/** One thing that was started. */
export interface Started {
  name: string;
  /** How long after the beginning of the whole stop its own may last, ms. */
  until_ms: number;
  stop(): unknown;
  /** Ends by force what did not stop in time. */
  kill?(): void;
}

/** What was started, stopped again in reverse order: each step is bounded, none keeps the next from being taken. */
export class StopStack {
  readonly #steps: Started[] = [];
  #stopped: Promise<string[]> | null = null;

  add(step: Started): void {
    this.#steps.push(step);
  }

  /** Stops everything; the same stop when asked again. `hurry`, aborted, ends each wait. Gives the names of what was late. */
  stop(hurry: AbortSignal): Promise<string[]> {
    this.#stopped ??= this.#stopAll(hurry);
    return this.#stopped;
  }

  async #stopAll(hurry: AbortSignal): Promise<string[]> {
    const begin_ms = performance.now();
    const late: string[] = [];
    for (const { name, until_ms, stop, kill } of this.#steps.splice(0).reverse()) {
      const left_ms = Math.max(0, Math.round(begin_ms + until_ms - performance.now()));
      if (await endsWithin(left_ms, stop, hurry)) continue;
      kill?.();
      late.push(name);
    }
    return late;
  }
}

const HURRIED_MS = 100;

/** Whether some work ended in time and without an error. In a hurry it gets a tenth of a second. */
async function endsWithin(limit_ms: number, work: () => unknown, hurry: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const ended = (async () => work())().then(
    () => true,
    () => false,
  );
  const wait_ms = hurry.aborted ? Math.min(limit_ms, HURRIED_MS) : limit_ms;
  const ends = [done.signal, AbortSignal.timeout(wait_ms), ...(hurry.aborted ? [] : [hurry])];
  const late = once(AbortSignal.any(ends), "abort").then(() => false);
  const in_time = await Promise.race([ended, late]);
  done.abort();
  return in_time;
}
