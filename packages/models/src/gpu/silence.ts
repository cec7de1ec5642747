import { type CardSilence, type CardState, renewals } from "./card-state.ts";

interface Heard {
  until_ms: number;
  /** When it was last heard of, or last counted. */
  since_ms: number;
  silent_ms: number;
}

/**
 * Counts, by this process's own clock, for how long each other holder was not seen to renew. Only the time between two
 * looks counts, and of a long one without a look little: while the broker does not answer, nobody can renew. What
 * others have counted and written counts too: who began to look later goes on from there.
 */
export class Silence {
  readonly #most_step_ms: number;
  readonly #self: string;
  readonly #holders = new Map<string, Heard>();

  constructor({ look_ms, self }: { look_ms: number; self: string }) {
    this.#self = self;
    this.#most_step_ms = 2 * look_ms;
  }

  /** What the broker just answered, or what it told unasked: then only signs of life count. `at_ms` never goes back. */
  look(state: CardState, at_ms: number, { unasked = false }: { unasked?: boolean } = {}): void {
    const earliest_ms = at_ms - this.#most_step_ms;
    const there = renewals(state);
    there.delete(this.#self);
    for (const holder of this.#holders.keys()) if (!there.has(holder)) this.#holders.delete(holder);
    for (const [holder, until_ms] of there) {
      const known = this.#holders.get(holder);
      const heard = known?.until_ms === until_ms ? known : { until_ms, since_ms: at_ms, silent_ms: 0 };
      if (!unasked) {
        heard.silent_ms += at_ms - Math.max(heard.since_ms, earliest_ms);
        heard.since_ms = at_ms;
      }
      const written_ms = writtenMs(state, holder, until_ms);
      // What is written counts until now: the time until the next look begins here.
      if (written_ms > heard.silent_ms) Object.assign(heard, { silent_ms: written_ms, since_ms: at_ms });
      this.#holders.set(holder, heard);
    }
  }

  /** What is known by now of each holder. */
  counted(): CardSilence[] {
    return [...this.#holders].map(([holder, { until_ms, silent_ms }]) => ({
      holder,
      until_ms,
      silent_ms: Math.floor(silent_ms),
    }));
  }

  /** Whether so much more was counted here than is written that others should know. */
  isNews(state: CardState, { from_ms, more_ms }: { from_ms: number; more_ms: number }): boolean {
    return [...this.#holders].some(
      ([holder, { until_ms, silent_ms }]) =>
        silent_ms >= from_ms && silent_ms >= writtenMs(state, holder, until_ms) + more_ms,
    );
  }

  /** Who was silent for that long. */
  longerThan(limit_ms: number): string[] {
    return [...this.#holders].filter(([, { silent_ms }]) => silent_ms >= limit_ms).map(([holder]) => holder);
  }

  /** The longest silence there is; null: there is nobody. */
  longest(): number | null {
    const all = [...this.#holders.values()].map(({ silent_ms }) => silent_ms);
    return all.length === 0 ? null : Math.max(...all);
  }
}

const writtenMs = ({ silences }: CardState, holder: string, until_ms: number): number =>
  silences.find((silence) => silence.holder === holder && silence.until_ms === until_ms)?.silent_ms ?? 0;
