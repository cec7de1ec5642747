import { describeError } from "@gatehouse/errors";
import type { CallOptions } from "../calling/call-options.ts";
import { CardKey } from "./card-key.ts";
import type { CardState } from "./card-state.ts";
import { asFound, type Mine, withMine } from "./changes.ts";
import type { Hold } from "./claim.ts";
import { Claims } from "./claims.ts";
import { type CardConfig, isFixed } from "./config.ts";
import type { GpuLog } from "./gpu.ts";
import { Idleness } from "./idleness.ts";
import type { LeaseStore } from "./lease-store.ts";
import { settle } from "./settle.ts";
import { Silence } from "./silence.ts";
import { Strays } from "./strays.ts";
import type { GpuTimes } from "./times.ts";
import { Works } from "./works.ts";

export interface CardOptions {
  card: CardConfig;
  store: LeaseStore;
  holder: string;
  log: GpuLog;
  times: GpuTimes;
}

const TICK_MS = 250;
/** `until_ms` is so far ahead. For people: nobody compares it with a clock. */
const UNTIL_MS = 15_000;

/** One card, as this process sees and uses it. */
export class Card {
  readonly id: string;
  readonly #options: CardOptions;
  readonly #key: CardKey;
  readonly #claims: Claims;
  readonly #works: Works;
  readonly #silence: Silence;
  readonly #idleness: Idleness;
  readonly #strays: Strays;
  readonly #closing = new AbortController();
  readonly #hints = new Set<string>();
  readonly #missing = new Set<string>();
  /** When a model was last asked for, so that it is not too often. */
  readonly #asked = new Map<string, number>();
  #mine: Mine | null = null;
  #winding = false;
  #tick: NodeJS.Timeout | undefined;
  #lapse: NodeJS.Timeout | undefined;
  #confirmed_ms = Number.NEGATIVE_INFINITY;
  #looked_ms = Number.NEGATIVE_INFINITY;
  #trouble: unknown = null;

  /** @throws {ModelConfigError} when a URL or secret cannot be used */
  constructor(options: CardOptions) {
    const { card, store, holder, log, times } = options;
    this.id = card.id;
    this.#options = options;
    const need = () => this.#key.need();
    const isFresh = () => performance.now() - this.#confirmed_ms < times.lapse_ms;
    this.#claims = new Claims({ card, times, isFresh, need, trouble: () => this.#trouble });
    this.#works = new Works({ card, holder, log, times, isFresh, need });
    this.#silence = new Silence({ look_ms: times.look_ms, self: holder });
    this.#idleness = new Idleness(card);
    this.#strays = new Strays({
      models: card.models.map(({ name }) => name),
      need,
      loaded: async (names) => {
        const answers = await this.#works.found(this.#closing.signal, names).catch(() => new Map());
        return names.filter((name) => answers.get(name) === true);
      },
    });
    this.#key = new CardKey({
      card: card.id,
      store,
      begin: async () => asFound(card, await this.#works.found(this.#closing.signal)),
      compose: (before, now_ms) => this.#compose(before, now_ms),
      see: (state, told) => this.#see(state, told),
      confirmed: (began_ms) => this.#confirm(began_ms),
      told: () => this.#told(),
      unsure: () => this.#works.redo(),
      trouble: (error) => {
        this.#trouble = error;
      },
    });
  }

  get state(): CardState | null {
    return this.#key.state;
  }

  /** Writes that were confirmed, and those at which another writer was first. */
  get counts(): { writes: number; conflicts: number } {
    return this.#key.counts;
  }

  open(): void {
    this.#key.open();
    this.#tick = setInterval(() => this.#look(), TICK_MS).unref();
    this.#hintFixed();
  }

  /** @see Claims.enter */
  enter(model: string, options: CallOptions): Hold | Promise<Hold> {
    return this.#claims.enter(model, options);
  }

  /** Whether its server has it, as far as is known. @throws {GpuLoadError} when it could not be loaded lately */
  isLoaded(model: string): boolean {
    this.#claims.refuseFailed(model);
    return this.#key.state?.models[model]?.state === "loaded";
  }

  /** Loads a model where there is room that nobody waits for. Asked often, it is tried not too often. */
  hint(model: string): void {
    if (this.#key.state?.models[model] || !this.#mayAsk(model)) return;
    this.#hints.add(model);
    this.#key.need();
  }

  /** A call did not go well: looks whether the server still has the model. */
  doubt(name: string): void {
    const model = this.#key.state?.models[name];
    if (model?.state !== "loaded" || !this.#mayAsk(name)) return;
    void this.#works.isMissing(name, model, this.#closing.signal).then((missing) => {
      if (!missing) return;
      this.#missing.add(name);
      this.#key.need();
    });
  }

  /** Keeps nothing from now on that is not in use, and loads and unloads nothing. */
  wind(): void {
    this.#winding = true;
    this.#works.stop();
    this.#claims.wind();
    this.#key.need();
  }

  /** Ends everything; what could not be given back is free for others after 15 s. */
  async close(): Promise<void> {
    clearInterval(this.#tick);
    clearTimeout(this.#lapse);
    this.#claims.close();
    this.#closing.abort();
    await this.#key.close();
    await this.#works.close();
  }

  #compose(before: CardState, now_ms: number): CardState {
    const { card, holder, times } = this.#options;
    const wall_ms = Date.now();
    this.#mine = {
      holder,
      now_ms: wall_ms,
      until_ms: wall_ms + UNTIL_MS,
      claims: this.#claims.mine(now_ms, this.#confirmed_ms),
      finished: this.#works.finished,
      silences: this.#silence.counted(),
      dead: this.#silence.longerThan(times.take_over_ms),
      missing: [...this.#missing],
      idle: this.#idleness.idle(now_ms),
      strays: this.#strays.found,
      preload: this.#winding ? [] : [...this.#hints],
      resigns: this.#winding,
    };
    return withMine(card, before, this.#mine, times.aging_ms).state;
  }

  /** What was only known here is known to all. */
  #told(): void {
    for (const holder of this.#mine?.dead ?? [])
      this.#options.log.warn({ card: this.id, holder }, "gpu leases of a silent holder taken over");
    for (const name of this.#mine?.preload ?? []) this.#hints.delete(name);
    for (const name of this.#mine?.missing ?? []) this.#missing.delete(name);
    this.#works.forget(this.#mine?.finished ?? []);
  }

  #confirm(began_ms: number): void {
    const { times } = this.#options;
    this.#confirmed_ms = began_ms;
    clearTimeout(this.#lapse);
    const left_ms = Math.max(0, began_ms + times.lapse_ms - performance.now());
    this.#lapse = setTimeout(() => this.#lapsed(), left_ms).unref();
  }

  #lapsed(): void {
    const { log, times } = this.#options;
    if (this.#claims.any || this.#isAtWork())
      log.warn(
        { card: this.id, lapse_ms: times.lapse_ms, reason: describeError(this.#trouble).message },
        "gpu leases lost",
      );
    this.#claims.lapse();
    this.#works.stop();
  }

  #see(state: CardState, told: { unasked: boolean }): void {
    const { card, times } = this.#options;
    const now_ms = performance.now();
    if (!told.unasked) this.#looked_ms = now_ms;
    this.#silence.look(state, now_ms, told);
    this.#idleness.look(state, now_ms);
    this.#strays.look(state);
    const { wanted } = settle(card, state, { aging_ms: times.aging_ms, now_ms: 0 });
    this.#claims.see(state, wanted, this.#idleness.idle(now_ms));
    if (this.#winding) return;
    this.#works.see(state);
    // Who misses a renewal is told to those who began to look later.
    const news = this.#silence.isNews(state, { from_ms: times.renew_ms, more_ms: 2 * times.look_ms });
    const orphaned = Object.values(state.models).some((model) => model.state !== "loaded" && model.by === null);
    if (news || orphaned || this.#silence.longerThan(times.take_over_ms).length > 0) this.#key.need();
  }

  /** What time alone brings about. */
  #look(): void {
    const { times } = this.#options;
    const now_ms = performance.now();
    const idle = this.#idleness.idle(now_ms);
    this.#claims.sweep(idle);
    const renewal = (this.#claims.any || this.#isAtWork()) && now_ms - this.#confirmed_ms >= times.renew_ms;
    if (renewal || this.#anyUnleased(idle)) this.#key.need();
    if (!this.#winding) this.#hintFixed();
    const silent_ms = this.#silence.longest();
    const since_ms = now_ms - this.#looked_ms;
    if (silent_ms === null) return;
    if (since_ms >= times.look_ms || silent_ms + since_ms >= times.take_over_ms) void this.#key.look();
  }

  /** Whether the key says that this process loads or unloads something. */
  #isAtWork(): boolean {
    const { holder } = this.#options;
    return Object.values(this.#key.state?.models ?? {}).some(({ by }) => by?.holder === holder);
  }

  /** What is there all the time is loaded again when it is not. */
  #hintFixed(): void {
    for (const model of this.#options.card.models) if (isFixed(model)) this.hint(model.name);
  }

  #anyUnleased(names: readonly string[]): boolean {
    const { models = {}, leases = [] } = this.#key.state ?? {};
    return names.some((name) => models[name]?.state === "loaded" && leases.every(({ model }) => model !== name));
  }

  #mayAsk(name: string): boolean {
    const now_ms = performance.now();
    if (now_ms - (this.#asked.get(name) ?? Number.NEGATIVE_INFINITY) < this.#options.times.again_ms) return false;
    this.#asked.set(name, now_ms);
    return true;
  }
}
