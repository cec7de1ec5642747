import { describeError } from "@gatehouse/errors";
import { HandlingTimeoutError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Verdict } from "../verdict.ts";
import { Leash } from "./leash.ts";
import { type Outcome, STOPPED } from "./settle.ts";

interface Run {
  readonly leash: Leash;
  readonly max_handling_ms: number;
  /** Ends the waiting for a handler that does not listen. */
  leave(): void;
}

const GRACE_MS = 5_000;
/** A stop has 5 s for everything. */
const STOP_GRACE_MS = 500;

/**
 * The handlers at work in one service, each bounded: after its `max_handling_ms`, or when the service gives up waiting
 * (`stop`), its signal aborts; a handler that does not listen is left behind after 5 s (0.5 s at a stop), and told.
 * One timer serves them all.
 */
export class HandlerRuns {
  readonly #stop: AbortSignal;
  readonly #log: Log;
  readonly #running = new Set<Run>();
  #timer: NodeJS.Timeout | null = null;
  #wakes_at_ms = Number.POSITIVE_INFINITY;

  constructor(stop: AbortSignal, log: Log) {
    this.#stop = stop;
    this.#log = log;
    stop.addEventListener("abort", () => this.#stopAll(), { once: true });
  }

  /** Runs one handler to its end. `lost`: aborts when what it works on is no longer ours; then none begins. */
  run(handle: (leash: Leash) => Promise<Verdict>, max_handling_ms: number, lost?: AbortSignal): Promise<Outcome> {
    if (lost?.aborted) return Promise.resolve(STOPPED);
    return new Promise((resolve) => {
      const leash = new Leash(performance.now() + max_handling_ms);
      const end = (outcome: Outcome | null): void => {
        this.#running.delete(run);
        resolve(this.#outcomeOf(run, outcome));
      };
      const run: Run = { leash, max_handling_ms, leave: () => end(null) };
      this.#running.add(run);
      lost?.addEventListener("abort", () => this.#abort(run, lost.reason), { once: true });
      if (this.#stop.aborted) this.#abort(run, this.#stop.reason, STOP_GRACE_MS);
      this.#wakeAt(leash.deadline_ms);
      const failed = (error: unknown) => end({ kind: "threw", error });
      try {
        handle(leash).then((verdict) => end({ kind: "verdict", verdict }), failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  #outcomeOf({ leash, max_handling_ms }: Run, outcome: Outcome | null): Outcome {
    if (outcome?.kind === "verdict") return outcome;
    if (!outcome) this.#log.error({ max_handling_ms }, "handler left behind as it does not listen to its signal");
    if (leash.reason instanceof HandlingTimeoutError) return { kind: "threw", error: withCause(leash.reason, outcome) };
    return this.#stop.aborted || !outcome ? { kind: "stopped" } : outcome;
  }

  #stopAll(): void {
    for (const run of this.#running) this.#abort(run, this.#stop.reason, STOP_GRACE_MS);
  }

  #abort({ leash }: Run, reason: unknown, grace_ms = GRACE_MS): void {
    if (leash.reason !== null) return;
    leash.deadline_ms = performance.now() + grace_ms;
    this.#wakeAt(leash.deadline_ms);
    leash.abort(reason);
  }

  #wakeAt(at_ms: number): void {
    if (at_ms >= this.#wakes_at_ms) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#wakes_at_ms = at_ms;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, Math.ceil(at_ms - performance.now()))).unref();
  }

  #sweep(): void {
    const now_ms = performance.now();
    this.#wakes_at_ms = Number.POSITIVE_INFINITY;
    this.#timer = null;
    for (const run of this.#running) {
      const { leash, max_handling_ms } = run;
      if (leash.deadline_ms > now_ms) this.#wakeAt(leash.deadline_ms);
      else if (leash.reason !== null) run.leave();
      else
        this.#abort(run, new HandlingTimeoutError(`Cannot finish as handling must take at most ${max_handling_ms} ms`));
    }
  }
}

function withCause(reason: Error, outcome: Outcome | null): Error {
  if (outcome?.kind !== "threw") return reason;
  return new HandlingTimeoutError(`${reason.message}: ${describeError(outcome.error).message}`, {
    cause: outcome.error,
  });
}
