import type { GatehouseError } from "@gatehouse/errors";
import { EngineAnswerError, EngineAwayError, EngineRefusedError, EngineUnauthorizedError } from "../../errors.ts";
import type { EngineRun, PlacedRun, WatchTold } from "../engine.ts";
import type { ArgoApi, RunPlace } from "./argo-api.ts";
import { Lanes } from "./lanes.ts";
import { hasEnded } from "./read-workflow.ts";

export interface TellingOptions {
  told: WatchTold;
  signal: AbortSignal;
  /** Told of what could not be read; once of each run. */
  skipped: (error: GatehouseError) => void;
}

/** What was listed. */
export interface Listed {
  /** A watch goes on after it; "" where Argo names none. */
  version: string;
  /** It is older than what was heard before: the cluster was put back, or is another. */
  is_anew: boolean;
}

/** Runs that are told at once, each in order; more wait, then the watch is read no further. */
const LANES = { lanes: 8, most_waiting: 256 };

/** Tells how the runs of a namespace are, each change once, whether it was listed, heard of or looked up. */
export class RunTeller {
  readonly #api: ArgoApi;
  readonly #namespace: string;
  readonly #options: TellingOptions;
  readonly #lanes: Lanes;
  /** What was told of each run: of the open ones, and of others until the next look. */
  readonly #seen = new Map<string, { version: number; has_ended: boolean }>();
  /** Runs that Argo could not tell when they were looked at, with what was heard of their end. */
  readonly #unread = new Map<string, EngineRun | null>();
  #newest = 0;

  constructor(api: ArgoApi, namespace: string, options: TellingOptions) {
    this.#api = api;
    this.#namespace = namespace;
    this.#options = options;
    this.#lanes = new Lanes({ ...LANES, signal: options.signal });
  }

  /** Aborts when somebody who was told threw; its reason is the error. */
  get failed(): AbortSignal {
    return this.#lanes.failed;
  }

  /** Tells the open runs as they are, page by page; those that Argo does not list are looked at next. */
  async list(): Promise<Listed> {
    const { told, skipped, signal } = this.#options;
    const missing = new Set((await told.open()).map(({ run_name }) => run_name));
    let listed: Listed | null = null;
    for await (const page of this.#api.listOpen(this.#namespace, signal)) {
      listed ??= this.#begin(page.version);
      for (const error of page.faults) skipped(error);
      for (const run of page.runs) if (missing.delete(run.run_name)) await this.tell(run);
    }
    for (const run_name of missing) if (!this.#seen.get(run_name)?.has_ended) this.#seen.delete(run_name);
    return listed ?? { version: "", is_anew: false };
  }

  /** Looks at runs that are open and of which nothing was told, or their end. */
  async lookAfter(): Promise<void> {
    const open = await this.#options.told.open();
    const names = new Set(open.map(({ run_name }) => run_name));
    for (const known of [this.#seen, this.#unread])
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    for (const run of open)
      if (this.#seen.get(run.run_name)?.has_ended ?? true) await this.#lanes.add(run.run_name, () => this.#lookAt(run));
    await this.#lanes.idle();
  }

  async tell(run: EngineRun): Promise<void> {
    this.noteVersion(run.version);
    if (this.#isOld(run)) return;
    await this.#lanes.add(run.run_name, async () => {
      if (!this.#isOld(run)) await (hasEnded(run) ? this.#tellEnd(run) : this.#told(run));
    });
  }

  /** What had ended is told once more when its end was missed; what had not is gone. */
  async tellDeleted(run: EngineRun): Promise<void> {
    const { run_name, run_id } = run;
    this.noteVersion(run.version);
    await this.#lanes.add(run_name, async () => {
      const seen = this.#seen.get(run_name);
      this.#seen.delete(run_name);
      if (!hasEnded(run)) await this.#options.told.gone({ run_name, run_id, namespace: this.#namespace });
      else if (!seen?.has_ended) await this.#tellEnd(run);
    });
  }

  /** That Argo has come to a version. */
  noteVersion(version: number): void {
    this.#newest = Math.max(this.#newest, version);
  }

  /** Resolves when all that was heard is told. @throws what those who were told threw */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  /** Tells no more; resolves when what is being told is. */
  close(): Promise<void> {
    return this.#lanes.close();
  }

  /** What was told of later versions says nothing of what is listed at an earlier one. */
  #begin(version: string): Listed {
    const at = Number(version);
    const is_anew = at > 0 && at < this.#newest;
    if (is_anew) this.#seen.clear();
    if (at > 0) this.#newest = at;
    return { version, is_anew };
  }

  /** What cannot be had by itself is told as it is listed, the second time. A run that is open although its end was told is to be looked for. */
  async #lookAt(run: PlacedRun): Promise<void> {
    const is_second = this.#unread.has(run.run_name);
    const seen = this.#seen.get(run.run_name);
    try {
      const now = await this.#api.run(run, this.#options.signal);
      const was_told = seen?.has_ended && seen.version === now?.version;
      await (was_told ? this.#options.told.gone(run) : this.#tellOrMiss(run, now));
    } catch (error) {
      const listed = await this.#passOver(run, error);
      if (is_second && listed !== "unread") await this.#tellOrMiss(run, listed);
    }
  }

  async #tellOrMiss(run: PlacedRun, now: EngineRun | null): Promise<void> {
    const known = now ?? this.#unread.get(run.run_name);
    if (known) await this.#told(known);
    else await this.#options.told.gone(run);
  }

  /** What came is without the nodes, which have the artifacts. Where it cannot be had whole, it is looked at once more. */
  async #tellEnd(run: EngineRun): Promise<void> {
    const place = { run_name: run.run_name, namespace: this.#namespace };
    try {
      const whole = await this.#api.run(place, this.#options.signal);
      const is_newer = whole !== null && (hasEnded(whole) || whole.version > run.version);
      await this.#told(is_newer ? whole : run);
    } catch (error) {
      await this.#passOver(place, error);
      this.#unread.set(run.run_name, run);
      this.#seen.delete(run.run_name);
    }
  }

  /**
   * One run that cannot be had by itself is no reason to miss the others. Gives how it is listed.
   * @throws the error where it is not about one run, and what listing throws
   */
  async #passOver(place: RunPlace, error: unknown): Promise<EngineRun | "unread" | null> {
    if (!mayBeOfOne(error)) throw error;
    const listed = await this.#api.listed(place, this.#options.signal);
    if (!this.#unread.has(place.run_name)) this.#options.skipped(error);
    this.#unread.set(place.run_name, this.#unread.get(place.run_name) ?? null);
    return listed;
  }

  async #told(run: EngineRun): Promise<void> {
    await this.#options.told.run(run);
    this.#unread.delete(run.run_name);
    this.#seen.set(run.run_name, { version: run.version, has_ended: hasEnded(run) });
  }

  #isOld({ run_name, version }: EngineRun): boolean {
    return version <= (this.#seen.get(run_name)?.version ?? -1);
  }
}

const OF_ONE = [EngineAnswerError, EngineAwayError, EngineRefusedError, EngineUnauthorizedError];

const mayBeOfOne = (error: unknown): error is GatehouseError =>
  OF_ONE.some((Class) => error instanceof Class) && (error as GatehouseError).facts.sent !== false;
