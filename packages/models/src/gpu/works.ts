import { setTimeout as timer } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import type { CardModel, CardState } from "./card-state.ts";
import type { Finished } from "./changes.ts";
import type { CardConfig, LoadingConfig } from "./config.ts";
import type { GpuLog } from "./gpu.ts";
import { createLoading, isNobodyThere, type ModelLoading } from "./loading/loading.ts";
import type { GpuTimes } from "./times.ts";

export interface WorksOptions {
  card: CardConfig;
  holder: string;
  log: GpuLog;
  times: GpuTimes;
  /** Whether a renewal was confirmed lately enough: otherwise others may be doing it already. */
  isFresh: () => boolean;
  /** There is something to write. */
  need: () => void;
}

interface Work {
  state: "loading" | "unloading";
  abort: AbortController;
  ended: Promise<void>;
}

const FIRST_AGAIN_MS = 500;
const MOST_FAULT = 500;
const ASK_MS = 5_000;

/** The loads and unloads of one card that this process does: those that the key says are its. */
export class Works {
  readonly #options: WorksOptions;
  readonly #works = new Map<string, Work>();
  readonly #loadings = new Map<string, ModelLoading>();
  /** How they ended, until the key says so. */
  finished: readonly Finished[] = [];

  /** @throws {ModelConfigError} when a URL or secret cannot be used */
  constructor(options: WorksOptions) {
    this.#options = options;
    for (const { name, load } of options.card.models) this.#loading(name, load);
  }

  /** Takes note of what the key holds now: begins what is ours to do, ends what no longer is. */
  see({ models }: CardState): void {
    const { holder, isFresh } = this.#options;
    for (const [name, { state, abort }] of this.#works) {
      const model = models[name];
      if (model?.state === state && model.by?.holder === holder) continue;
      abort.abort();
      this.#drop(name);
    }
    if (!isFresh()) return;
    for (const [name, model] of Object.entries(models))
      if (model.state !== "loaded" && model.by?.holder === holder && !this.#works.has(name)) this.#begin(name, model);
  }

  /** The key says so now. */
  forget(told: readonly Finished[]): void {
    this.finished = this.finished.filter((finished) => !told.includes(finished));
  }

  /**
   * Perhaps the key says how some ended, perhaps not: they are done again if it still has them as ours. Else, when others
   * had loaded it meanwhile and it is ours to unload once more, an end from before would be told.
   */
  redo(): void {
    for (const { model } of this.finished) {
      this.#works.get(model)?.abort.abort();
      this.#drop(model);
    }
  }

  /** Ends everything: others may take over. */
  stop(): void {
    for (const { abort } of this.#works.values()) abort.abort();
    this.#works.clear();
    this.finished = [];
  }

  /** Whether models of the card, all unless named, are loaded, as their servers say; null: a server is there and does not tell. @throws the signal's reason */
  async found(signal: AbortSignal, names?: readonly string[]): Promise<Map<string, boolean | null>> {
    const models = this.#options.card.models.filter(({ name }) => names?.includes(name) ?? true);
    const asked = models.map(async ({ name, load }) => {
      const answer = this.#ask(name, load, signal).catch((error) => (isNobodyThere(error) ? false : null));
      return [name, await answer] as const;
    });
    const found = new Map(await Promise.all(asked));
    signal.throwIfAborted();
    return found;
  }

  /** Whether the server of a model says that it does not have it. */
  async isMissing(name: string, { load }: CardModel, signal: AbortSignal): Promise<boolean> {
    return (await this.#ask(name, load, signal).catch(() => null)) === false;
  }

  async close(): Promise<void> {
    const ended = [...this.#works.values()].map((work) => work.ended);
    this.stop();
    await Promise.all(ended);
    await Promise.all([...this.#loadings.values()].map((loading) => loading.close()));
  }

  #drop(name: string): void {
    this.#works.delete(name);
    this.finished = this.finished.filter(({ model }) => model !== name);
  }

  #begin(name: string, model: CardModel): void {
    const abort = new AbortController();
    const state = model.state === "loading" ? "loading" : "unloading";
    const doing = state === "loading" ? this.#load(name, model, abort.signal) : this.#unload(name, model, abort.signal);
    this.#works.set(name, { state, abort, ended: doing });
  }

  async #load(model: string, { load }: CardModel, signal: AbortSignal): Promise<void> {
    try {
      await this.#loading(model, load).load(signal);
      this.#tell({ model, how: "loaded", fault: null }, signal);
    } catch (error) {
      this.#tell({ model, how: "load failed", fault: faultOf(error) }, signal);
    }
  }

  /** Until it is confirmed its memory counts, so it is tried for as long as this process lives. */
  async #unload(model: string, { load }: CardModel, signal: AbortSignal): Promise<void> {
    const { unload_again_ms } = this.#options.times;
    for (let wait_ms = FIRST_AGAIN_MS; !signal.aborted; wait_ms = Math.min(2 * wait_ms, unload_again_ms)) {
      try {
        await this.#loading(model, load).unload(signal);
        return this.#tell({ model, how: "unloaded", fault: null }, signal);
      } catch (error) {
        this.#tell({ model, how: "unload failed", fault: faultOf(error) }, signal);
        await timer(wait_ms, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** What its server says; null when it does not tell. @throws when it cannot be asked */
  async #ask(name: string, load: LoadingConfig, signal: AbortSignal): Promise<boolean | null> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
    return this.#loading(name, load).isLoaded(limit);
  }

  #tell(finished: Finished, { aborted }: AbortSignal): void {
    if (aborted) return;
    const { card, log } = this.#options;
    const { model, how, fault } = finished;
    if (fault === null) log.info({ card: card.id, model }, `gpu model ${how}`);
    else log.warn({ card: card.id, model, reason: fault }, `gpu model ${how}`);
    this.finished = [...this.finished.filter(({ model }) => model !== finished.model), finished];
    this.#options.need();
  }

  /** As it was loaded, so it is unloaded: the configuration may have changed since. */
  #loading(name: string, load: LoadingConfig): ModelLoading {
    const key = JSON.stringify([name, load]);
    const known = this.#loadings.get(key);
    if (known) return known;
    const made = createLoading({ name, load }, this.#options.isFresh);
    this.#loadings.set(key, made);
    return made;
  }
}

const faultOf = (error: unknown): string => describeError(error).message.slice(0, MOST_FAULT);
