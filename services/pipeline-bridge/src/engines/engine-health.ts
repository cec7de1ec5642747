import type { GatehouseError } from "@gatehouse/errors";
import { EngineAwayError, EngineBusyError } from "../errors.ts";

/** How long an engine that does not answer is left alone. */
export interface HealthPace {
  /** After the first time; doubles. */
  away_least_ms: number;
  away_most_ms: number;
}

/** Whoever says to come back later than this is asked earlier. */
const LONGEST_MS = 3_600_000;

/** Whether an error is about an engine as a whole: an answer, be it 500, is perhaps about one run alone. */
export const isAway = (error: unknown): error is GatehouseError =>
  error instanceof EngineBusyError || (error instanceof EngineAwayError && error.facts.status === undefined);

/** How an engine answers, as this process has seen it: when it may be asked again, and what people are told. */
export class EngineHealth {
  readonly #pace: HealthPace;
  #since_ms = 0;
  #reason: string | null = null;
  #times = 0;
  #away_until_ms = 0;
  /** As it asked for it: whatever it answers to others meanwhile. */
  #busy_until_ms = 0;

  constructor(pace: HealthPace) {
    this.#pace = pace;
  }

  /** It did not answer the last time: one run goes first. */
  get is_away(): boolean {
    return this.#times > 0;
  }

  /** It is not asked before; wall clock. */
  get until_ms(): number {
    return Math.max(this.#away_until_ms, this.#busy_until_ms);
  }

  answered(): void {
    this.#times = 0;
    this.#away_until_ms = 0;
    this.#reason = null;
  }

  /** It is away, or asks for time. Many who ask at once count once. */
  failed(error: Error & { retry_after_ms?: number | null }): void {
    const now_ms = Date.now();
    this.told(error.message);
    if (error instanceof EngineBusyError && error.retry_after_ms !== null)
      this.#busy_until_ms = Math.max(this.#busy_until_ms, now_ms + Math.min(LONGEST_MS, error.retry_after_ms));
    if (now_ms < this.#away_until_ms) return;
    const { away_least_ms, away_most_ms } = this.#pace;
    this.#away_until_ms = now_ms + Math.min(away_most_ms, away_least_ms * 2 ** Math.min(this.#times, 16));
    this.#times++;
  }

  /** It did not do what was asked, for a reason that people should know. */
  told(reason: string): void {
    if (this.#reason === null) this.#since_ms = Date.now();
    this.#reason = reason;
  }

  /** Null while all is well. */
  fault(): { since_ms: number; reason: string } | null {
    return this.#reason === null ? null : { since_ms: this.#since_ms, reason: this.#reason };
  }
}
