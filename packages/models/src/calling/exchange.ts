import type { Dispatcher } from "undici";
import { ModelAnswerError } from "../errors.ts";
import { type Fault, timedOut } from "./faults.ts";
import type { AdmittedCall } from "./server-calls.ts";

/** What an exchange stands on. */
export interface ExchangeParts extends AdmittedCall {
  response: Dispatcher.ResponseData;
  fault: Fault;
  /** The longest answer that is read. */
  answer_bytes: number;
}

/** One answered request: it holds a slot of its server until `end`, or until time is up or the caller gives up. */
export class Exchange {
  readonly #parts: ExchangeParts;
  /** Resolves when the slot was handed back, whoever ended it: its reader, its time or its caller. */
  readonly ended: Promise<void>;
  readonly #isEnded: () => void;
  #ended: Promise<void> | undefined;
  #over = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#isEnded = resolve;
    parts.response.body.on("error", () => {});
    const { signal } = parts.deadline;
    signal.addEventListener("abort", this.#giveUp, { once: true });
    if (signal.aborted) this.#giveUp();
  }

  /** `application/json`, without parameters, in lower case. */
  get media_type(): string {
    return this.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  }

  /** The first header of that name, which is in lower case. */
  header(name: string): string | undefined {
    const header = this.#parts.response.headers[name];
    return Array.isArray(header) ? header[0] : header;
  }

  /** Milliseconds since the request went out. */
  get elapsed_ms(): number {
    return performance.now() - this.#parts.started_ms;
  }

  get fault(): Fault {
    return this.#parts.fault;
  }

  /** Gives the server that long for what comes next. */
  allow(timeout_ms: number): void {
    if (!this.#ended) this.#parts.deadline.arm(timeout_ms);
  }

  /** While somebody else is at work, only the time of the whole runs. */
  pause(): void {
    this.allow(Number.MAX_SAFE_INTEGER);
  }

  /** What came so far makes sense: a circuit that tries the server need not wait for the end. */
  goesWell(): void {
    this.#parts.goesWell();
  }

  /**
   * The answer's bytes as they come.
   * @throws {ModelAnswerError} when it is cut off or too long
   * @throws {ModelTimeoutError} when time is up
   * @throws the signal's reason when the caller gave up
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { response, answer_bytes, fault } = this.#parts;
    let bytes = 0;
    try {
      for await (const chunk of response.body.iterator({ destroyOnReturn: false })) {
        bytes += chunk.length;
        if (bytes > answer_bytes) break;
        yield chunk;
      }
    } catch (thrown) {
      throw explain(thrown, this.#parts);
    }
    if (bytes > answer_bytes)
      throw fault(ModelAnswerError, `the answer must be at most ${answer_bytes} bytes: it goes on after that`);
  }

  /** The whole answer. @throws what `chunks` throws */
  async text(): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this.chunks()) parts.push(chunk);
    return Buffer.concat(parts).toString("utf8");
  }

  /** The answer said that it is over: at its end the few bytes left are read, so that the connection can be used again. */
  isOver(): void {
    this.#over = true;
  }

  /** Runs `read` on the answer and ends the exchange as it ended. */
  async complete<T>(read: () => Promise<T>): Promise<T> {
    try {
      const value = await read();
      await this.end();
      return value;
    } catch (error) {
      await this.end(error);
      throw error;
    }
  }

  /** Hands back the slot; an answer that was not read to its end loses its socket. Safe to repeat: the first outcome counts. */
  end(error?: unknown): Promise<void> {
    this.#ended ??= this.#close(error);
    return this.#ended;
  }

  async #close(error: unknown): Promise<void> {
    const { response, deadline, settle } = this.#parts;
    deadline.dispose();
    deadline.signal.removeEventListener("abort", this.#giveUp);
    if (this.#over && error === undefined) void drain(this.#parts);
    else if (!response.body.readableEnded) response.body.destroy();
    await settle(error);
    this.#isEnded();
  }

  readonly #giveUp = (): void => {
    const { signal, deadline, fault } = this.#parts;
    void this.end(signal.aborted ? signal.reason : timedOut(fault, deadline));
  };
}

/** How long what is left of an answer that is over may take. */
const DRAIN_MS = 1_000;

/** `dump` counts against its limit what was read before, too. */
async function drain({ response: { body }, answer_bytes }: ExchangeParts): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), DRAIN_MS);
  try {
    await body.dump({ limit: answer_bytes, signal: patience.signal });
  } catch {
    body.destroy();
  } finally {
    clearTimeout(timer);
  }
}

function explain(thrown: unknown, { signal, deadline, fault }: ExchangeParts): unknown {
  if (signal.aborted) return signal.reason;
  if (deadline.expired) return timedOut(fault, deadline);
  const code = socketCode(thrown);
  return fault(ModelAnswerError, `the answer must be whole: it was cut off with "${code}"`, {
    cause: thrown,
    facts: { socket: code },
  });
}

/** The code of a transport error: `ECONNREFUSED`, `UND_ERR_SOCKET`, … */
export function socketCode(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return "unknown";
  const { code, name } = thrown as { code?: unknown; name?: unknown };
  return String(code ?? name ?? "unknown");
}
