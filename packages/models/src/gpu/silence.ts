import type { CardState } from "./card-state.ts";

interface Heard {
  until_ms: number;
  /** When it was last heard of, or last counted. */
  since_ms: number;
  silent_ms: number;
}

/**
 * Counts, by this process's own clock, for how long each other holder was not seen to renew. Only the time between two
 * looks counts, and of a long one without a look little: while the broker does not answer, nobody can renew.
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
    const there = latestByHolder(state);
    there.delete(this.#self);
    for (const holder of this.#holders.keys()) if (!there.has(holder)) this.#holders.delete(holder);
    for (const [holder, until_ms] of there) {
      const heard = this.#holders.get(holder);
      if (heard?.until_ms !== until_ms) this.#holders.set(holder, { until_ms, since_ms: at_ms, silent_ms: 0 });
      else if (!unasked) {
        heard.silent_ms += at_ms - Math.max(heard.since_ms, earliest_ms);
        heard.since_ms = at_ms;
      }
    }
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

/** The latest `until_ms` of everything that each holder has. */
function latestByHolder({ models, leases, waiters }: CardState): Map<string, number> {
  const works = Object.values(models).flatMap(({ by }) => by ?? []);
  const latest = new Map<string, number>();
  for (const { holder, until_ms } of [...works, ...leases, ...waiters])
    latest.set(holder, Math.max(until_ms, latest.get(holder) ?? 0));
  return latest;
}
