import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ErrorClass } from "@gatehouse/errors";
import type { CallOptions } from "../calling/call-options.ts";
import type { Called } from "../calling/called.ts";
import type { Calling } from "../calling/calling.ts";
import { Deadline } from "../calling/deadline.ts";
import { socketCode } from "../calling/exchange.ts";
import { type Callee, type Fault, timedOut } from "../calling/faults.ts";
import { ServerCalls } from "../calling/server-calls.ts";
import { describe } from "./describe.ts";
import { compileEventChecks } from "./event.ts";
import { Talk, type TalkParts } from "./talk.ts";
import { parseWyomingUrl } from "./wyoming-url.ts";

export interface WyomingServerOptions {
  /** Every default filled in. */
  config: { url: string } & Required<Pick<Called, "timeout_ms" | "in_flight">>;
  /** `write down speech` */
  action: string;
  Down: ErrorClass;
  Auth: ErrorClass;
  calling: Calling;
}

/** A model server that speaks the Wyoming protocol: a connection per question, as its servers close after an answer. */
export class WyomingServer {
  readonly #at: ReturnType<typeof parseWyomingUrl>;
  readonly #callee: Callee;
  readonly #calls: ServerCalls;
  readonly #calling: Calling;
  readonly #checks = compileEventChecks();
  readonly #sockets = new Set<Socket>();
  #is_closed = false;

  /** @throws {ModelConfigError} when the URL cannot be used */
  constructor({ config, action, Down, Auth, calling }: WyomingServerOptions) {
    this.#at = parseWyomingUrl(config.url);
    this.#callee = { action, server: this.#at.server, model: null, Down, Auth };
    this.#calls = new ServerCalls({ ...config, callee: this.#callee, calling });
    this.#calling = calling;
  }

  get fault(): Fault {
    return this.#calls.fault;
  }

  /** Asks and reads the whole answer. @throws what `Talk.next` throws, {ModelBusyError} and the callee's Down error */
  ask<T>(question: (talk: Talk) => Promise<T>, options: CallOptions): Promise<T> {
    return this.#calls.whole((call) => this.#during(call, question), options);
  }

  /** A small question outside slots, breaker and retries: what comes of it tells nothing of the server. @throws as `ask` does */
  async askAside<T>(question: (talk: Talk) => Promise<T>, signal: AbortSignal): Promise<T> {
    const deadline = new Deadline(signal);
    deadline.arm(this.#calling.probe_timeout_ms);
    try {
      return await this.#during({ deadline, signal }, question);
    } finally {
      deadline.dispose();
    }
  }

  /** Asks and resolves when `question` does, which waits for the beginning of the answer. The talk holds a slot: end it. @throws what `ask` throws */
  open(question: (talk: Talk) => Promise<void>, options: CallOptions): Promise<Talk> {
    const discard = (talk: Talk) => void talk.end(options.signal.reason);
    return this.#calls.open(
      async (call) => {
        const talk = await this.#talk(call);
        await question(talk).catch(async (error: unknown) => {
          await talk.end(error);
          throw error;
        });
        return talk;
      },
      { ...options, discard },
    );
  }

  /** Asks outside slots and retries whether it is there. @throws the callee's Down error */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#calls.probe((deadline) => this.#during({ deadline, signal }, describe), { signal });
  }

  /** Closes all connections; calls in flight fail. */
  async close(): Promise<void> {
    this.#is_closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #during<T>(call: Pick<TalkParts, "deadline" | "signal">, question: (talk: Talk) => Promise<T>): Promise<T> {
    const talk = await this.#talk({ deadline: call.deadline, signal: call.signal });
    try {
      return await question(talk);
    } finally {
      await talk.end();
    }
  }

  async #talk(call: Pick<TalkParts, "deadline" | "signal" | "settle">): Promise<Talk> {
    const socket = await this.#connect(call);
    const { fault } = this;
    return new Talk({
      ...call,
      socket,
      fault,
      callee: this.#callee,
      checks: this.#checks,
      answer_bytes: this.#calling.answer_bytes,
    });
  }

  async #connect({ deadline, signal }: { deadline: Deadline; signal: AbortSignal }): Promise<Socket> {
    if (this.#is_closed) throw this.fault(this.#callee.Down, "it must be called before close(): it is closed");
    const { host, port } = this.#at;
    const socket = connect({ host, port, noDelay: true });
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    try {
      await once(socket, "connect", { signal: deadline.signal });
      return socket;
    } catch (thrown) {
      socket.on("error", () => {});
      socket.destroy();
      signal.throwIfAborted();
      if (deadline.expired) throw timedOut(this.fault, deadline);
      const code = socketCode(thrown);
      throw this.fault(this.#callee.Down, `it must take the connection: current state is "${code}"`, {
        cause: thrown,
        facts: { socket: code },
      });
    }
  }
}
