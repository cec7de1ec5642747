import { setTimeout as timer } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import { EngineAnswerError, EngineRefusedError } from "../../errors.ts";
import type { EngineRun, PlacedRun, WatchTold } from "../engine.ts";
import type { ArgoApi } from "./argo-api.ts";
import { Lanes } from "./lanes.ts";
import { hasEnded } from "./read-workflow.ts";
import type { WatchNews } from "./watch-frames.ts";

/** How a watch goes. */
export interface WatchPace {
  /** Argo says something every 15 s (a comment); a peer that is silent for longer is left. */
  idle_ms: number;
  /** Before a watch that ended is opened again: at first, and at most; doubles while nothing is said. */
  reopen_ms: number;
  most_reopen_ms: number;
  /** Runs that are open, and of which the watch said nothing or their end, are looked at this often. */
  recheck_ms: number;
  /** All are listed this often: what Argo lists may be older than the version that it lists. */
  relist_ms: number;
}

export const WATCH_PACE: WatchPace = {
  idle_ms: 45_000,
  reopen_ms: 100,
  most_reopen_ms: 30_000,
  recheck_ms: 5_000,
  relist_ms: 120_000,
};

export interface WatchOptions {
  told: WatchTold;
  pace: WatchPace;
  signal: AbortSignal;
  skipped: (error: GatehouseError) => void;
}

/** Runs that are told at once, each in order; more wait, then the watch is read no further. */
const LANES = { lanes: 8, most_waiting: 256 };

/** One watch on our runs in a namespace: listed, then followed from the list's version on, opened again when it ends. */
export class WorkflowWatch {
  readonly #api: ArgoApi;
  readonly #namespace: string;
  readonly #options: WatchOptions;
  readonly #lanes: Lanes;
  /** What was told of each run: of the open ones, and of others until the next look. */
  readonly #seen = new Map<string, { version: number; has_ended: boolean }>();
  /** The version that was heard of last, "" where Argo names none; null: the runs are to be listed. */
  #version: string | null = null;
  #listed_at_ms = 0;
  #heard = 0;

  constructor(api: ArgoApi, namespace: string, options: WatchOptions) {
    this.#api = api;
    this.#namespace = namespace;
    this.#options = options;
    this.#lanes = new Lanes({ ...LANES, signal: options.signal });
  }

  /** Resolves when the signal aborts; nothing is told after that. @throws what listing, opening or the told throw */
  async run(): Promise<void> {
    try {
      await this.#goOn();
    } finally {
      await this.#lanes.close();
    }
  }

  async #goOn(): Promise<void> {
    const { pace, signal } = this.#options;
    let [wait_ms, refusal]: [number, GatehouseError | null] = [pace.reopen_ms, null];
    while (!signal.aborted) {
      try {
        if (this.#version === null) await this.#list(signal);
        const [heard, opened_at_ms] = [this.#heard, performance.now()];
        const refused = await this.#follow();
        if (refused !== null && refusal !== null) throw refused;
        refusal = refused;
        const was_well = this.#heard > heard || performance.now() - opened_at_ms >= pace.most_reopen_ms;
        wait_ms = was_well ? pace.reopen_ms : Math.min(2 * wait_ms, pace.most_reopen_ms);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      await timer(wait_ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Tells the open runs as they are, page by page. */
  async #list(signal: AbortSignal): Promise<void> {
    const { told, skipped } = this.#options;
    this.#listed_at_ms = performance.now();
    const open = new Set((await told.open()).map(({ run_name }) => run_name));
    let [next, version]: [string, string | null] = ["", null];
    do {
      const page = await this.#api.listOpen(this.#namespace, next, signal);
      for (const error of page.faults) skipped(error);
      for (const run of page.runs) if (open.has(run.run_name)) await this.#tell(run);
      version ??= page.version;
      next = page.next;
    } while (next !== "");
    this.#version ??= version;
  }

  /** Reads one watch to its end, and looks after what it does not say meanwhile. Gives the error of one that was refused. */
  async #follow(): Promise<GatehouseError | null> {
    const { signal } = this.#options;
    const over = new AbortController();
    const ends = AbortSignal.any([signal, over.signal, this.#lanes.failed]);
    const news = await this.#open(ends);
    if (news instanceof GatehouseError) return news;
    const failures: unknown[] = [];
    const looking = this.#keepLooking(ends).catch((error: unknown) => {
      if (!ends.aborted) failures.push(error);
      over.abort();
    });
    try {
      await this.#read(news);
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      over.abort();
      await looking;
    }
    if (failures.length > 0) throw failures[0];
    await this.#lanes.idle();
    return null;
  }

  /** The refusal when the version that was heard of last is too old (400, 410). */
  async #open(signal: AbortSignal): Promise<AsyncGenerator<WatchNews> | GatehouseError> {
    const { idle_ms } = this.#options.pace;
    try {
      return await this.#api.watch(this.#namespace, this.#version ?? "", { signal, idle_ms });
    } catch (error) {
      if (!(error instanceof EngineRefusedError)) throw error;
      this.#version = null;
      return error;
    }
  }

  async #read(said: AsyncGenerator<WatchNews>): Promise<void> {
    for await (const news of said) {
      if (news.kind === "end") {
        if (!news.is_over) this.#version = null;
        return;
      }
      this.#heard += 1;
      if (news.kind === "unread") {
        this.#options.skipped(news.error);
        this.#listed_at_ms = Number.NEGATIVE_INFINITY;
        continue;
      }
      const version = news.kind === "bookmark" ? news.version : news.run.version;
      this.#version = String(Math.max(version, Number(this.#version ?? 0)));
      if (news.kind === "changed") await this.#tell(news.run);
      else if (news.kind === "deleted") await this.#tellDeleted(news.run);
    }
  }

  /** Looks at once, then again and again, at runs that are open and of which the watch said nothing, or their end. */
  async #keepLooking(signal: AbortSignal): Promise<void> {
    const { pace, told } = this.#options;
    while (true) {
      if (performance.now() - this.#listed_at_ms >= pace.relist_ms) await this.#list(signal);
      const open = await told.open();
      const names = new Set(open.map(({ run_name }) => run_name));
      for (const [name, { has_ended }] of this.#seen) if (has_ended && !names.has(name)) this.#seen.delete(name);
      for (const run of open)
        if (this.#seen.get(run.run_name)?.has_ended ?? true)
          await this.#lanes.add(run.run_name, () => this.#lookAt(run));
      await this.#lanes.idle();
      await timer(pace.recheck_ms, undefined, { signal });
    }
  }

  async #lookAt(run: PlacedRun): Promise<void> {
    const { told, signal, skipped } = this.#options;
    try {
      const now = await this.#api.run(run, signal);
      if (now === null) await told.gone(run);
      else await this.#told(now);
    } catch (error) {
      if (!(error instanceof EngineAnswerError)) throw error;
      skipped(error);
    }
  }

  async #tell(run: EngineRun): Promise<void> {
    if (this.#isOld(run)) return;
    await this.#lanes.add(run.run_name, async () => {
      if (!this.#isOld(run)) await this.#told(hasEnded(run) ? await this.#whole(run) : run);
    });
  }

  /** What had ended is told once more when its end was missed; what had not is gone. */
  async #tellDeleted(run: EngineRun): Promise<void> {
    const { run_name, run_id } = run;
    await this.#lanes.add(run_name, async () => {
      const seen = this.#seen.get(run_name);
      this.#seen.delete(run_name);
      if (!hasEnded(run)) await this.#options.told.gone({ run_name, run_id, namespace: this.#namespace });
      else if (!seen?.has_ended) await this.#options.told.run(run);
    });
  }

  /** What came is without the nodes, which have the artifacts. */
  async #whole(run: EngineRun): Promise<EngineRun> {
    const { signal, skipped } = this.#options;
    try {
      return (await this.#api.run({ ...run, namespace: this.#namespace }, signal)) ?? run;
    } catch (error) {
      if (!(error instanceof EngineAnswerError)) throw error;
      skipped(error);
      return run;
    }
  }

  async #told(run: EngineRun): Promise<void> {
    await this.#options.told.run(run);
    this.#seen.set(run.run_name, { version: run.version, has_ended: hasEnded(run) });
  }

  #isOld({ run_name, version }: EngineRun): boolean {
    return version <= (this.#seen.get(run_name)?.version ?? -1);
  }
}
