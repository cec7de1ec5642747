import { setTimeout as timer } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type CardState, readCard, writeCard } from "./card-state.ts";
import type { CardEntry, LeaseStore } from "./lease-store.ts";

export interface CardKeyOptions {
  card: string;
  store: LeaseStore;
  /** What is on the card when nothing was written yet. */
  begin: () => Promise<CardState>;
  /** What is to be written over this. It is asked again when another writer was first. */
  compose: (before: CardState, now_ms: number) => CardState;
  /** What the key holds. `unasked`: it was told, not asked for. */
  see: (state: CardState, told: { unasked: boolean }) => void;
  /** A write that began then was confirmed: it renewed what this process has. */
  confirmed: (began_ms: number) => void;
  /** What was last composed stands in the key. */
  told: () => void;
  /** Whether it stands there is not known: the write may have happened. */
  unsure: () => void;
  /** The store is away, or does not hold a card's state; null: it is well again. */
  trouble: (error: unknown) => void;
}

interface Seen {
  state: CardState;
  revision: number;
}

const MOST_CONFLICT_WAIT_MS = 64;
const MOST_AWAY_WAIT_MS = 1_000;
/** At a stop: a write may take 2 s. */
const CLOSE_MS = 2_000;

/** The key of one card: read, watched, and changed only by compare-and-set, one write at a time. */
export class CardKey {
  readonly #options: CardKeyOptions;
  /** From then on a store that is away is not waited for. */
  readonly #ending = new AbortController();
  readonly #closing = new AbortController();
  #seen: Seen | null = null;
  #needed = false;
  #writing: Promise<void> | null = null;
  #watching: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  /** Writes that were confirmed, and those at which another writer was first. */
  readonly counts = { writes: 0, conflicts: 0 };

  constructor(options: CardKeyOptions) {
    this.#options = options;
  }

  get state(): CardState | null {
    return this.#seen?.state ?? null;
  }

  open(): void {
    this.#watching ??= this.#watch();
  }

  /** There is something to write: what is needed meanwhile goes with the next write. */
  need(): void {
    this.#needed = true;
    if (this.#closing.signal.aborted) return;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      if (this.#needed) this.need();
    });
  }

  /** Asks what the key holds, so that it is known whether the broker answers. One question at a time. */
  look(): Promise<void> {
    this.#reading ??= this.#read()
      .then(() => undefined, this.#options.trouble)
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  /** Writes what is still to be written, for 2 s unless the store is away, then ends. */
  async close(): Promise<void> {
    this.#ending.abort();
    const limit = setTimeout(() => this.#closing.abort(), CLOSE_MS);
    while (this.#writing && !this.#closing.signal.aborted) await this.#writing;
    clearTimeout(limit);
    this.#closing.abort();
    await Promise.all([this.#writing, this.#watching, this.#reading]);
  }

  async #write(): Promise<void> {
    const { signal } = this.#closing;
    for (let wait_ms = 50; this.#needed && !signal.aborted; ) {
      this.#needed = false;
      try {
        await this.#writeOnce();
        wait_ms = 50;
      } catch (error) {
        this.#options.trouble(error);
        this.#options.unsure();
        this.#needed = true;
        if (this.#ending.signal.aborted) return this.#closing.abort();
        await pause(wait_ms * (0.5 + Math.random() / 2), this.#ending.signal);
        wait_ms = Math.min(2 * wait_ms, MOST_AWAY_WAIT_MS);
        this.#seen = null;
      }
    }
  }

  /** Until this is the writer that was first. Of several that are at it one always is; the others wait by chance. */
  async #writeOnce(): Promise<void> {
    const { card, store, compose, confirmed, told } = this.#options;
    for (let wait_ms = 1; !this.#closing.signal.aborted; wait_ms = Math.min(2 * wait_ms, MOST_CONFLICT_WAIT_MS)) {
      const before = this.#seen ?? (await this.#read());
      const began_ms = performance.now();
      const state = compose(before.state, began_ms);
      if (before.revision > 0 && isDeepStrictEqual(state, before.state)) return told();
      const revision = await store.write(card, writeCard(state), before.revision);
      if (revision !== null) {
        this.counts.writes++;
        confirmed(began_ms);
        told();
        return this.#take(newerOf({ state, revision }, this.#seen), { unasked: false });
      }
      this.counts.conflicts++;
      await pause(wait_ms * Math.random(), this.#closing.signal);
      await this.#read();
    }
  }

  async #read(): Promise<Seen> {
    const { card, store, begin, trouble } = this.#options;
    const known = this.#seen;
    const entry = await store.read(card);
    const answer = entry.body ? read(entry) : { state: await begin(), revision: entry.revision };
    trouble(null);
    // A bucket that was made anew counts from 1 again: only what came while this was asked is newer.
    const seen = this.#seen && this.#seen !== known ? newerOf(answer, this.#seen) : answer;
    this.#take(seen, { unasked: false });
    return seen;
  }

  #take(seen: Seen, told: { unasked: boolean }): void {
    this.#seen = seen;
    this.#options.see(seen.state, told);
  }

  async #watch(): Promise<void> {
    const { card, store, trouble } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const entry of store.watch(card, signal))
          if (entry.body && entry.revision > (this.#seen?.revision ?? 0)) this.#take(read(entry), { unasked: true });
      } catch (error) {
        trouble(error);
      }
      await pause(MOST_AWAY_WAIT_MS / 4, signal);
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  timer(ms, undefined, { signal, ref: false }).catch(() => undefined);

/** What the watch told may be newer than an answer that was on its way. */
const newerOf = (answer: Seen, told: Seen | null): Seen => (told && told.revision > answer.revision ? told : answer);

const read = ({ body, revision }: CardEntry): Seen => ({ state: readCard(body!), revision });
