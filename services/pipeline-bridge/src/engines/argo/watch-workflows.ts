import { setTimeout as timer } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import { EngineRefusedError } from "../../errors.ts";
import type { ArgoApi } from "./argo-api.ts";
import { RunTeller, type TellingOptions } from "./tell-runs.ts";
import type { WatchNews } from "./watch-frames.ts";

/** How a watch goes. */
export interface WatchPace {
  /** Argo says something every 15 s (a comment); a peer that is silent for longer is left. */
  idle_ms: number;
  /** Before a watch that ended is opened again: at first, and at most; doubles while nothing is said. */
  reopen_ms: number;
  most_reopen_ms: number;
  /** Runs that are open, and of which nothing was told or their end, are looked at this often; while a watch says nothing, all are listed, ever less often. */
  recheck_ms: number;
  /** All are listed this often: what Argo lists may be older than the version that it lists, and versions may begin anew. */
  relist_ms: number;
}

export const WATCH_PACE: WatchPace = {
  idle_ms: 45_000,
  reopen_ms: 100,
  most_reopen_ms: 30_000,
  recheck_ms: 5_000,
  relist_ms: 120_000,
};

export interface WatchOptions extends TellingOptions {
  pace: WatchPace;
}

/** One watch on our runs in a namespace: listed, then followed from the list's version on, opened again when it ends. */
export class WorkflowWatch {
  readonly #api: ArgoApi;
  readonly #namespace: string;
  readonly #pace: WatchPace;
  readonly #signal: AbortSignal;
  readonly #skipped: TellingOptions["skipped"];
  readonly #teller: RunTeller;
  /** The version that was heard of last, "" where Argo names none; null: the runs are to be listed. */
  #version: string | null = null;
  #listed_at_ms = 0;
  /** Whether the watch that is open has said anything, if only that it is there. */
  #is_alive = false;
  #heard = 0;
  /** Ends the watch that is open. */
  #ending = new AbortController();
  /** Ends the time before the next look. */
  #waking = new AbortController();

  constructor(api: ArgoApi, namespace: string, { pace, ...telling }: WatchOptions) {
    this.#api = api;
    this.#namespace = namespace;
    this.#pace = pace;
    this.#signal = telling.signal;
    this.#skipped = telling.skipped;
    this.#teller = new RunTeller(api, namespace, telling);
  }

  /**
   * Resolves when the signal aborts; nothing is told after that. Where no watch can be had, all open runs are looked at once
   * before that is thrown. @throws what listing, opening or the told throw
   */
  async run(): Promise<void> {
    const over = new AbortController();
    const ends = AbortSignal.any([this.#signal, over.signal, this.#teller.failed]);
    const failures: unknown[] = [];
    const fail = (error: unknown) => {
      failures.push(error);
      over.abort();
    };
    try {
      await this.#list();
      await Promise.all([this.#keepFollowing(ends).catch(fail), this.#keepLooking(ends).catch(fail)]);
    } catch (error) {
      failures.push(error);
    } finally {
      await this.#teller.close();
    }
    if (failures.length > 0 && !this.#signal.aborted) throw failures[0];
  }

  async #keepFollowing(ends: AbortSignal): Promise<void> {
    const { reopen_ms, most_reopen_ms } = this.#pace;
    let [wait_ms, refusal]: [number, GatehouseError | null] = [reopen_ms, null];
    while (!ends.aborted) {
      if (this.#version === null) await this.#list();
      const [heard, opened_at_ms] = [this.#heard, performance.now()];
      const refused = await this.#follow(ends);
      if (refused !== null && refusal !== null) throw refused;
      refusal = refused;
      const was_well = this.#heard > heard || performance.now() - opened_at_ms >= most_reopen_ms;
      wait_ms = was_well ? reopen_ms : Math.min(2 * wait_ms, most_reopen_ms);
      await timer(wait_ms * (0.5 + Math.random() / 2), undefined, { signal: ends }).catch(() => undefined);
    }
    ends.throwIfAborted();
  }

  /** A look that was begun is finished: it is all that is seen where no watch can be had. */
  async #keepLooking(ends: AbortSignal): Promise<void> {
    const { recheck_ms, relist_ms, most_reopen_ms } = this.#pace;
    let quiet_ms = recheck_ms;
    while (!ends.aborted) {
      if (performance.now() - this.#listed_at_ms >= (this.#is_alive ? relist_ms : quiet_ms)) {
        await this.#list();
        quiet_ms = Math.max(recheck_ms, this.#is_alive ? 0 : Math.min(2 * quiet_ms, most_reopen_ms));
      }
      this.#waking = new AbortController();
      await this.#teller.lookAfter();
      const signal = AbortSignal.any([ends, this.#waking.signal]);
      await timer(recheck_ms, undefined, { signal }).catch(() => undefined);
    }
  }

  async #list(): Promise<void> {
    this.#listed_at_ms = performance.now();
    const { version, is_anew } = await this.#teller.list();
    // A watch after a version that is yet to come would say nothing.
    if (is_anew) this.#ending.abort();
    this.#version = is_anew ? version : (this.#version ?? version);
    this.#waking.abort();
  }

  /** Reads one watch to its end. Gives the error of one that was refused. */
  async #follow(ends: AbortSignal): Promise<GatehouseError | null> {
    this.#ending = new AbortController();
    this.#is_alive = false;
    const ending = this.#ending.signal;
    const signal = AbortSignal.any([ends, ending]);
    try {
      const news = await this.#open(signal);
      if (news instanceof GatehouseError) return news;
      await this.#read(news, signal);
    } catch (error) {
      if (ends.aborted || !ending.aborted) throw error;
    }
    await this.#teller.idle();
    return null;
  }

  /** The refusal when the version that was heard of last is too old (400, 410). */
  async #open(signal: AbortSignal): Promise<AsyncGenerator<WatchNews> | GatehouseError> {
    const { idle_ms } = this.#pace;
    try {
      return await this.#api.watch(this.#namespace, this.#version ?? "", { signal, idle_ms });
    } catch (error) {
      if (!(error instanceof EngineRefusedError)) throw error;
      this.#version = null;
      return error;
    }
  }

  async #read(said: AsyncGenerator<WatchNews>, signal: AbortSignal): Promise<void> {
    for await (const news of said) {
      signal.throwIfAborted();
      if (news.kind === "end") {
        if (!news.is_over) this.#version = null;
        return;
      }
      this.#is_alive = true;
      if (news.kind === "alive") continue;
      this.#heard += 1;
      if (news.kind === "unread") {
        this.#skipped(news.error);
        this.#listed_at_ms = Number.NEGATIVE_INFINITY;
        continue;
      }
      const version = news.kind === "bookmark" ? news.version : news.run.version;
      this.#version = String(Math.max(version, Number(this.#version ?? 0)));
      if (news.kind === "changed") await this.#teller.tell(news.run);
      else if (news.kind === "deleted") await this.#teller.tellDeleted(news.run);
      else this.#teller.noteVersion(version);
    }
  }
}
