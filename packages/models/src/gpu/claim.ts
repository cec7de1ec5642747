import { randomUUID } from "node:crypto";

/** A call's right to use a model. */
export interface Hold {
  /** Aborted when the caller gives up, and when the lease is lost: its reason says which. */
  readonly signal: AbortSignal;
  /** The call is over. Repeatable. */
  release(): void;
}

export interface Waiting {
  signal: AbortSignal;
  /** 0 critical … 3 low. */
  priority: number;
  within_ms: number;
  /** What is thrown when that time is over. */
  tooLong: () => Error;
}

interface Caller extends Waiting {
  admit(): void;
  refuse(error: unknown): void;
}

/** One lease of this process, or its wait for one, shared by all calls of a model that came since. */
export class Claim {
  readonly model: string;
  /** Names it in the key; a claim that was lost while it waited goes on under another name. */
  id = randomUUID();
  /** Whether it was seen in the key. */
  entered = false;
  /** Whether calls may run: the lease is there and the model loaded. */
  held = false;
  /** Until then it waits although no caller does. */
  wished_until_ms = 0;
  readonly #since_ms = performance.now();
  readonly #onIdle: (claim: Claim) => void;
  readonly #calls = new Set<(reason: unknown) => void>();
  readonly #callers = new Set<Caller>();
  #priority: number;
  #last_end_ms = 0;

  constructor(model: string, priority: number, onIdle: (claim: Claim) => void) {
    this.model = model;
    this.#priority = priority;
    this.#onIdle = onIdle;
  }

  /** Calls that run. */
  get in_flight(): number {
    return this.#calls.size;
  }

  get waiting(): number {
    return this.#callers.size;
  }

  /** Of the most urgent caller that there was. */
  get priority(): number {
    return this.#priority;
  }

  waitedMs(now_ms: number): number {
    return this.held ? 0 : Math.round(now_ms - this.#since_ms);
  }

  /** Whether a call ran since then. */
  wasUsedSince(then_ms: number): boolean {
    return this.#calls.size > 0 || this.#last_end_ms > then_ms;
  }

  /** Begins a call. */
  begin(signal: AbortSignal): Hold {
    const controller = new AbortController();
    const end = (reason: unknown) => controller.abort(reason);
    const giveUp = () => controller.abort(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    this.#calls.add(end);
    return {
      signal: controller.signal,
      release: () => {
        signal.removeEventListener("abort", giveUp);
        if (!this.#calls.delete(end)) return;
        this.#last_end_ms = performance.now();
        if (this.#calls.size === 0) this.#onIdle(this);
      },
    };
  }

  /** Waits until calls may run. @throws what `tooLong` gives @throws the signal's reason @throws what it was failed with */
  wait(waiting: Waiting): Promise<Hold> {
    const { signal, within_ms } = waiting;
    const { promise, resolve, reject } = Promise.withResolvers<Hold>();
    const leave = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      this.#callers.delete(caller);
    };
    const caller: Caller = {
      ...waiting,
      admit: () => {
        leave();
        resolve(this.begin(signal));
      },
      refuse: (error) => {
        leave();
        reject(error);
        if (this.#callers.size === 0) this.#onIdle(this);
      },
    };
    const giveUp = () => caller.refuse(signal.reason);
    const timer = setTimeout(() => caller.refuse(waiting.tooLong()), within_ms);
    signal.addEventListener("abort", giveUp, { once: true });
    this.#callers.add(caller);
    this.#priority = Math.min(this.#priority, waiting.priority);
    return promise;
  }

  /** The lease is there and the model loaded: everybody who waits goes on. */
  hold(): void {
    this.held = true;
    for (const caller of [...this.#callers]) caller.admit();
  }

  /** Goes on waiting under another name. */
  renew(): void {
    this.id = randomUUID();
    this.entered = false;
    this.held = false;
  }

  /** Ends every call and every wait. */
  fail(error: unknown): void {
    this.held = false;
    for (const abort of this.#calls) abort(error);
    for (const caller of [...this.#callers]) caller.refuse(error);
  }
}
