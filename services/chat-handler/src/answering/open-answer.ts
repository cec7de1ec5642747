import { GatehouseError } from "@gatehouse/errors";
import type { ChatUsage } from "@gatehouse/events";
import type { DueContext } from "@gatehouse/runtime";
import { type AnswerRow, saveAnswer } from "@gatehouse/store";
import { AnswerTakenError } from "../errors.ts";
import type { Deps } from "../service.ts";
import { AnswerStream } from "./answer-stream.ts";
import { cancelledBy } from "./live-cancels.ts";
import { Spoken } from "./spoken.ts";
import { type ToldSoFar, toldSoFar } from "./told-so-far.ts";

/** What was said is saved this often: the stream forgets after 5 minutes. */
const SAVE_EVERY_MS = 10_000;
const NOTHING_TOLD = { next_seq: 0, text: "", sources: null, last_seq: 0, is_stale: false, has_news: false };

/** An answer in hand: its stream, and what ends it early. */
export class OpenAnswer {
  readonly answer: AnswerRow;
  readonly stream: AnswerStream;
  readonly spoken: Spoken;
  /** Readers have text that they must drop. */
  readonly is_stale: boolean;
  /** Since the last new word. */
  readonly takeovers: number;
  /** Aborts what is being said: lost, cancelled, or out of time. */
  readonly limits: AbortSignal;
  readonly #context: DueContext<Deps>;
  readonly #lost = new AbortController();
  readonly #cancel: { signal: AbortSignal; end(): void };
  readonly #recorded = new AbortController();
  readonly #late = new AbortController();
  /** Ends with the answer: a signal with a time of its own would hold all of it until then. */
  readonly #lateness: NodeJS.Timeout;
  readonly #writable: AbortSignal;
  readonly #saving: NodeJS.Timeout;
  #is_saving = false;
  #is_ending = false;
  #first_ms: number | null = null;

  constructor(answer: AnswerRow, told: ToldSoFar, context: DueContext<Deps>) {
    const { last_seq, is_stale, has_news, ...soFar } = told;
    const { bus, publish, gathering, settings, cancels, signal } = context;
    const { request_id, epoch, request } = answer;
    this.answer = answer;
    this.#context = context;
    this.is_stale = is_stale;
    this.spoken = new Spoken(is_stale ? "" : told.text);
    this.takeovers = has_news ? 0 : answer.takeovers;
    this.#cancel = cancels.watch(answer);
    if (answer.cancelled_at_ms !== null) this.#recordedCancel();
    this.#lateness = setTimeout(() => this.#late.abort(), settings.answer_timeout_s * 1_000);
    this.#writable = AbortSignal.any([signal, this.#lost.signal]);
    this.limits = AbortSignal.any([this.#writable, this.#cancel.signal, this.#recorded.signal, this.#late.signal]);
    const mine = { request_id, epoch, signal: this.#writable, quiet: !request.enable_streaming };
    this.stream = new AnswerStream({ bus, publish, gathering, ...mine }, { ...soFar, last_seq });
    this.#saving = setInterval(() => void this.#save(), SAVE_EVERY_MS);
  }

  get is_cancelled(): boolean {
    return this.#cancel.signal.aborted || this.#recorded.signal.aborted;
  }

  get is_late(): boolean {
    return this.#late.signal.aborted;
  }

  /** The first word of this process was published, or is about to be. */
  async noteFirst(): Promise<void> {
    this.#first_ms ??= Date.now();
    await this.stream.flush();
  }

  /** How fast it came; what another process said is not timed here. */
  timings(usage: ChatUsage | null) {
    const first_ms = this.#first_ms;
    if (first_ms === null || this.answer.epoch > 1) return { ttft_ms: null, tokens_per_s: null };
    const spoken_ms = Date.now() - first_ms;
    return {
      ttft_ms: Math.max(0, first_ms - this.answer.created_at_ms),
      tokens_per_s: usage && spoken_ms > 0 ? Math.round((usage.completion_tokens * 10_000) / spoken_ms) / 10 : null,
    };
  }

  /** Throws what is no end of the answer: it is another's now, or what it stands on is away. */
  throwIfLost(error: unknown): void {
    this.#writable.throwIfAborted();
    if (this.stream.fault !== null) throw this.stream.fault;
    const dependency = error instanceof GatehouseError ? error.dependency : null;
    if (dependency === "postgres" || dependency === "broker" || error instanceof AnswerTakenError) throw error;
  }

  /** It is about to be ended: nothing more is saved, and a save under way, which would find it ended, is not heeded. */
  endSaving(): void {
    this.#is_ending = true;
    clearInterval(this.#saving);
  }

  close(): void {
    this.endSaving();
    clearTimeout(this.#lateness);
    this.#cancel.end();
  }

  #recordedCancel(): void {
    this.#recorded.abort(cancelledBy(this.answer.user_id, this.answer.request_id));
  }

  /** While Postgres is away nothing is saved; it is the lease that decides then. */
  async #save(): Promise<void> {
    if (this.#is_saving) return;
    this.#is_saving = true;
    const { db, stage } = this.#context;
    const kept = await stage("save", () => saveAnswer(db, this.answer, this.stream.told)).catch(() => "kept");
    this.#is_saving = false;
    if (this.#is_ending) return;
    if (kept === "cancelled") this.#recordedCancel();
    if (kept === "taken") this.#lost.abort(takenError(this.answer));
  }
}

const takenError = ({ request_id }: AnswerRow) =>
  new AnswerTakenError(`Cannot go on with request "${request_id}" as another has it`);

/** Opens an answer where whoever had it before left it. @throws {AnswerTakenError} */
export async function beginAnswer(answer: AnswerRow, context: DueContext<Deps>): Promise<OpenAnswer> {
  if (answer.epoch === 1) return new OpenAnswer(answer, { ...NOTHING_TOLD }, context);
  const { bus, db, signal } = context;
  const told = await toldSoFar(bus, answer, signal);
  if ((await saveAnswer(db, answer, told)) === "taken") throw takenError(answer);
  return new OpenAnswer(answer, told, context);
}
