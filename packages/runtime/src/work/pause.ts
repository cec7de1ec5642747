import { once } from "node:events";
import { elapsed } from "../elapsed.ts";
import type { Log } from "../log.ts";
import type { Dependency } from "../service.ts";

/** What a dependency looks like now. */
export interface DependencyState {
  name: string;
  optional: boolean;
  down_since_ms: number | null;
  reason: string;
}

const PROBE_EVERY_MS = 1_000;
const PROBE_TIMEOUT_MS = 3_000;

/**
 * Watches what a service leans on. While a dependency that a handler named is down nobody pulls;
 * whoever holds a message waits here, and goes on when the probe succeeds.
 */
export class Pause {
  readonly #dependencies: readonly Dependency[];
  readonly #log: Log;
  readonly #states = new Map<string, DependencyState>();
  readonly #listeners = new Set<(paused: boolean) => void>();
  readonly #stopping = new AbortController();
  readonly #blocked = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #probing: Promise<void> | null = null;

  constructor(dependencies: readonly Dependency[], log: Log) {
    this.#dependencies = dependencies;
    this.#log = log;
    for (const { name, optional = false } of dependencies)
      this.#states.set(name, { name, optional, down_since_ms: null, reason: "" });
  }

  get paused(): boolean {
    return this.#blocked.size > 0;
  }

  /** Dependencies and how they are, for `/readyz`. */
  states(): DependencyState[] {
    return [...this.#states.values()];
  }

  /** Calls the listener when pulling must stop or may go on. */
  onChange(listener: (paused: boolean) => void): void {
    this.#listeners.add(listener);
  }

  start(): void {
    this.#probing ??= this.#probeForEver();
  }

  /** Whether this dependency is probed: only then waiting for it ends. */
  watches(name: string): boolean {
    return this.#dependencies.some((dependency) => dependency.name === name);
  }

  /** A handler met a dependency that is down. One that nobody probes pauses nothing. */
  report(name: string, reason: string): void {
    if (!this.watches(name)) return;
    this.#mark(name, reason);
    const was = this.paused;
    this.#blocked.add(name);
    if (!was) {
      this.#log.warn({ dependency: name, reason }, "paused until the dependency is back");
      for (const listener of this.#listeners) listener(true);
    }
  }

  /** Resolves when nothing blocks, or when the signal aborts. */
  async clear(signal: AbortSignal): Promise<void> {
    while (this.paused && !signal.aborted)
      await new Promise<void>((resolve) => {
        const go = () => {
          this.#waiting.delete(go);
          signal.removeEventListener("abort", go);
          resolve();
        };
        this.#waiting.add(go);
        signal.addEventListener("abort", go, { once: true });
      });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#probing;
  }

  async #probeForEver(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await Promise.all(this.#dependencies.map((dependency) => this.#probe(dependency)));
      await elapsed(PROBE_EVERY_MS, this.#stopping.signal);
    }
  }

  async #probe(dependency: Dependency): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    try {
      await Promise.race([
        dependency.probe(signal),
        once(signal, "abort").then(() => {
          throw new Error("no answer in time");
        }),
      ]);
      this.#up(dependency.name);
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#mark(dependency.name, error instanceof Error ? error.message : String(error));
    }
  }

  #mark(name: string, reason: string): void {
    const state = this.#states.get(name) ?? { name, optional: false, down_since_ms: null, reason: "" };
    this.#states.set(name, { ...state, down_since_ms: state.down_since_ms ?? Date.now(), reason });
  }

  #up(name: string): void {
    const state = this.#states.get(name);
    if (state?.down_since_ms) this.#states.set(name, { ...state, down_since_ms: null, reason: "" });
    if (!this.#blocked.delete(name) || this.paused) return;
    this.#log.info({ dependency: name }, "the dependency is back");
    for (const listener of this.#listeners) listener(false);
    for (const go of [...this.#waiting]) go();
  }
}
