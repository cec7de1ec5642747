import { setTimeout as elapsed } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import { type ChatPart, chatResponseStream, subjectOf } from "@gatehouse/events";
import { type Bus, FencedError, type Publish, streamOf } from "@gatehouse/runtime";
import type { AnswerSoFar } from "@gatehouse/store";
import { AnswerTakenError } from "../errors.ts";
import type { Gathering } from "./gathering.ts";
import { type PartFields, partOf } from "./part.ts";

/** After the first text, text is gathered for a time, or until there are so many pieces (of most models each is a token). */
const GATHER_PIECES = 64;
/** The most characters of one chunk. */
const LONGEST_CHUNK = 32_768;
/** While more characters than this wait for the broker, nothing more is taken. */
const MOST_WAITING = 65_536;
const AGAIN_MS = 100;

export interface AnswerStreamParts {
  bus: Bus;
  publish: Publish;
  gathering: Gathering;
  request_id: string;
  epoch: number;
  /** Aborted: nothing more is published. */
  signal: AbortSignal;
  /** Only the last part is published, as nobody wants to read along. */
  quiet: boolean;
}

/** Where a stream goes on: what was told before, and the sequence of its last message (0: there is none). */
export interface StreamPlace extends AnswerSoFar {
  last_seq: number;
}

/**
 * Writes the parts of one answer: `seq` without holes, one publish in flight, each only behind the one before it, so that of
 * two writers one is refused (`AnswerTakenError`) whatever was lost or paused in between. While the broker is away it waits.
 */
export class AnswerStream {
  readonly #parts: AnswerStreamParts;
  readonly #subject: string;
  readonly #told: AnswerSoFar;
  #last_seq: number;
  #waiting = "";
  #pieces = 0;
  /** What waits is to leave without more gathering. */
  #is_due = true;
  #is_gathering = false;
  #sending: Promise<void> | null = null;
  #fault: unknown = null;

  constructor(parts: AnswerStreamParts, { last_seq, ...told }: StreamPlace) {
    this.#parts = parts;
    this.#subject = subjectOf(chatResponseStream, parts);
    this.#told = told;
    this.#last_seq = last_seq;
  }

  /** What readers were told, acknowledged by the broker. */
  get told(): Readonly<AnswerSoFar> {
    return this.#told;
  }

  /** What broke it, or null. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Adds text; resolves when there is room for more. @throws what stopped the stream */
  async text(text: string): Promise<void> {
    this.#throwIfBroken();
    if (this.#parts.quiet) {
      this.#told.text += text;
      return;
    }
    this.#waiting += text;
    this.#pieces++;
    if (this.#is_due || this.#pieces >= GATHER_PIECES) this.#send();
    else this.#gather();
    while (this.#waiting.length > MOST_WAITING && this.#sending) {
      await this.#sending;
      this.#throwIfBroken();
    }
  }

  /** Publishes a part of another kind, behind all text. @throws what stopped the stream */
  async part(fields: PartFields): Promise<void> {
    await this.flush();
    if (!this.#parts.quiet || fields.done) await this.#publish(fields);
    if (fields.sources) this.#told.sources = fields.sources;
    if (fields.mode === "restarted") this.#told.text = "";
    this.#is_due = true;
  }

  /** Publishes what waits. @throws what stopped the stream */
  async flush(): Promise<void> {
    this.#send();
    while (this.#sending) await this.#sending;
    this.#throwIfBroken();
  }

  #throwIfBroken(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  #gather(): void {
    if (this.#is_gathering) return;
    this.#is_gathering = true;
    this.#parts.gathering.later(() => {
      this.#is_gathering = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#waiting === "" || this.#fault !== null) return;
    this.#is_due = true;
    this.#sending ??= this.#sendAll()
      .catch((error: unknown) => {
        this.#fault = error;
      })
      .finally(() => {
        this.#sending = null;
      });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting !== "" && (this.#is_due || this.#pieces >= GATHER_PIECES)) {
      const content = headOf(this.#waiting);
      this.#waiting = this.#waiting.slice(content.length);
      this.#pieces = 0;
      this.#is_due = this.#waiting !== "";
      await this.#publish({ type: "chunk", content });
      this.#told.text += content;
    }
    if (this.#waiting !== "") this.#gather();
  }

  async #publish(fields: PartFields): Promise<void> {
    const { request_id, epoch, signal } = this.#parts;
    const seq = this.#told.next_seq;
    const part = partOf({ request_id, seq }, fields);
    const id = `${request_id}.${epoch}.${seq}`;
    while (true) {
      signal.throwIfAborted();
      try {
        if (await this.#attempt(part, id)) break;
      } catch (error) {
        if (error instanceof AnswerTakenError || !isLater(error)) throw error;
        await elapsed(AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
    this.#told.next_seq = seq + 1;
  }

  async #attempt(part: ChatPart, id: string): Promise<boolean> {
    try {
      this.#last_seq = (await this.#parts.publish(chatResponseStream, part, { id, after: this.#last_seq })).seq;
      return true;
    } catch (error) {
      if (error instanceof FencedError) return this.#isKept(id, error);
      throw error;
    }
  }

  /** Refused: our own message may be kept already, its acknowledgement lost; or ours have aged out of the stream. @throws {AnswerTakenError} */
  async #isKept(id: string, cause: Error): Promise<boolean> {
    const last = await this.#parts.bus.lastMessage(streamOf(this.#subject), this.#subject);
    if (last && last.msg_id !== id)
      throw new AnswerTakenError(`Cannot go on with "${this.#subject}" as it must end with what was written here`, {
        cause,
      });
    this.#last_seq = last?.seq ?? 0;
    return last !== null;
  }
}

const isLater = (error: unknown): boolean => error instanceof GatehouseError && error.retry === "later";

/** The longest beginning that one chunk takes, never half a character. */
function headOf(text: string): string {
  if (text.length <= LONGEST_CHUNK) return text;
  const cut = text.charCodeAt(LONGEST_CHUNK - 1);
  return text.slice(0, cut >= 0xd800 && cut <= 0xdbff ? LONGEST_CHUNK - 1 : LONGEST_CHUNK);
}
