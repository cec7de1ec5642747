import { once } from "node:events";
import type { Socket } from "node:net";
import { GatehouseError } from "@gatehouse/errors";
import type { Deadline } from "../calling/deadline.ts";
import { socketCode } from "../calling/exchange.ts";
import { type Callee, type Fault, shown, timedOut } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { type EventChecks, encodeEvent, readEvent, type WyomingEvent } from "./event.ts";

/** What a talk stands on. */
export interface TalkParts {
  /** Connected. */
  socket: Socket;
  deadline: Deadline;
  /** The caller's. */
  signal: AbortSignal;
  callee: Callee;
  fault: Fault;
  checks: EventChecks;
  /** The longest answer that is read. */
  answer_bytes: number;
  /** Tells how it ended. */
  settle?: (error?: unknown) => Promise<void>;
}

/** A connection to a Wyoming server, for one question. Its socket is closed when time is up and when the caller gives up. */
export class Talk {
  readonly #parts: TalkParts;
  readonly #bytes: ByteReader;
  #is_answered = false;
  #ended: Promise<void> | undefined;

  constructor(parts: TalkParts) {
    const { socket, deadline, fault, answer_bytes } = parts;
    this.#parts = parts;
    this.#bytes = new ByteReader(socket, { fault, most_bytes: answer_bytes });
    socket.on("error", () => {});
    deadline.signal.addEventListener("abort", this.#giveUp, { once: true });
    if (deadline.signal.aborted) this.#giveUp();
  }

  get fault(): Fault {
    return this.#parts.fault;
  }

  /** Sends an event; resolves when there is room for the next one. To a server that has closed nothing is sent: `next` says why. */
  async send(event: WyomingEvent): Promise<void> {
    const { socket, deadline } = this.#parts;
    if (!socket.writable || socket.write(encodeEvent(event))) return;
    const over = new AbortController();
    const signal = AbortSignal.any([deadline.signal, over.signal]);
    await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).catch(() => {});
    over.abort();
  }

  /**
   * The next event.
   * @throws {ModelAnswerError} it is none, it is an error, or the answer was cut off
   * @throws {ModelTimeoutError} when time is up @throws the callee's Down error when the server closes before it answered
   * @throws the signal's reason when the caller gave up
   */
  async next(): Promise<WyomingEvent> {
    const { checks, fault } = this.#parts;
    const event = await readEvent(this.#bytes, { checks, fault }).catch((thrown: unknown) => {
      throw this.#explain(thrown);
    });
    if (!event) throw this.#explain({ code: "closed" });
    if (event.type !== "error") return event;
    const { text, code } = event.data;
    const words = typeof text === "string" ? text : "";
    const facts = typeof code === "string" ? { code: shown(code) } : {};
    throw fault(ModelAnswerError, `it must answer: it says ${shown(words)}`, { facts });
  }

  /** The next event of that type; others are passed over. @throws what `next` throws */
  async nextOf(type: string): Promise<WyomingEvent> {
    for (;;) {
      const event = await this.next();
      if (event.type === type) return event;
    }
  }

  /** The answer has begun: a server that closes now cuts it off. */
  answers(): void {
    this.#is_answered = true;
  }

  /** Gives the server that long for what comes next. */
  allow(timeout_ms: number): void {
    if (!this.#ended) this.#parts.deadline.arm(timeout_ms);
  }

  /** While the caller is at work, only the time of the whole runs. */
  pause(): void {
    this.allow(Number.MAX_SAFE_INTEGER);
  }

  /** Closes the connection. Safe to repeat: the first outcome counts. */
  end(error?: unknown): Promise<void> {
    this.#ended ??= this.#close(error);
    return this.#ended;
  }

  async #close(error: unknown): Promise<void> {
    const { socket, deadline, settle } = this.#parts;
    deadline.signal.removeEventListener("abort", this.#giveUp);
    socket.destroy();
    if (!settle) return;
    deadline.dispose();
    await settle(error);
  }

  #explain(thrown: unknown): unknown {
    const { signal, deadline, fault, callee } = this.#parts;
    if (thrown instanceof GatehouseError) return thrown;
    if (signal.aborted) return signal.reason;
    if (deadline.expired) return timedOut(fault, deadline);
    const facts = { socket: socketCode(thrown) };
    if (this.#is_answered)
      return fault(ModelAnswerError, `the answer must be whole: it was cut off with "${facts.socket}"`, { facts });
    return fault(callee.Down, `it must take the request and answer: current state is "${facts.socket}"`, { facts });
  }

  readonly #giveUp = (): void => {
    const { signal, deadline, fault } = this.#parts;
    void this.end(signal.aborted ? signal.reason : timedOut(fault, deadline));
  };
}
