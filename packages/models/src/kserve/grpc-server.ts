import type { GatehouseError } from "@gatehouse/errors";
import { Metadata, type MethodDefinition, status } from "@grpc/grpc-js";
import type { CallOptions } from "../calling/call-options.ts";
import { type Fault, timedOut } from "../calling/faults.ts";
import { type AdmittedCall, ServerCalls, type ServerCallsOptions } from "../calling/server-calls.ts";
import { ModelAnswerError } from "../errors.ts";
import { type Channels, shareChannels } from "./channels.ts";
import { grpcRefusal } from "./grpc-refusal.ts";
import { startUnary, type UnaryCall, type UnaryEnd } from "./unary-call.ts";

export interface GrpcServerOptions extends ServerCallsOptions {
  /** `gpu:8001` */
  target: string;
  tls: boolean;
  secret: string | null;
}

/** What a client knows of a method. */
export type GrpcMethod<Q, A> = Pick<MethodDefinition<Q, A>, "path" | "requestSerialize" | "responseDeserialize">;

/** How long somebody waits, and who. */
type Waiting = Pick<AdmittedCall, "deadline" | "signal">;

/** One server over gRPC: a share of the process's connections to it, and its calls. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #channels: Channels;
  readonly #calls: ServerCalls;
  readonly #metadata = new Metadata();
  readonly #underWay = new Set<UnaryCall>();
  #closed = false;

  constructor(options: GrpcServerOptions) {
    const { target, tls, secret, calling } = options;
    this.#options = options;
    this.#channels = shareChannels({ target, tls, message_bytes: calling.tensor_bytes });
    this.#calls = new ServerCalls(options);
    if (secret !== null) this.#metadata.set("authorization", `Bearer ${secret}`);
  }

  get fault(): Fault {
    return this.#calls.fault;
  }

  /**
   * Asks for one answer and reads it; what may pass is tried again. An answer that `read` does not take is the server's
   * failure. `elapsed_ms` is without the wait for a slot.
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ModelRefusedError} @throws {ModelAnswerError}
   * @throws the callee's Down and Auth errors
   * @throws the signal's reason when the caller gave up
   */
  call<Q, A, T>(
    method: GrpcMethod<Q, A>,
    request: Q,
    options: CallOptions,
    read: (answer: A, elapsed_ms: number) => T,
  ): Promise<T> {
    return this.#calls.whole(async ({ deadline, signal, started_ms }) => {
      const answer = await this.#send(method, request, { deadline, signal });
      return read(answer, performance.now() - started_ms);
    }, options);
  }

  /**
   * Asks something small outside slots, breaker and retries. An answer ends the wait of an open circuit.
   * @throws the callee's Down error when the server cannot be reached in time
   */
  probe<Q, A>(method: GrpcMethod<Q, A>, request: Q, signal: AbortSignal): Promise<A> {
    return this.#calls.probe((deadline) => this.#send(method, request, { deadline, signal }), { signal });
  }

  /** Calls in flight fail; connections that nobody else uses are closed. */
  close(): void {
    this.#closed = true;
    for (const call of this.#underWay) call.cancel();
    this.#channels.release();
  }

  async #send<Q, A>(method: GrpcMethod<Q, A>, request: Q, waiting: Waiting): Promise<A> {
    if (this.#closed) throw this.#isClosed();
    const { deadline } = waiting;
    const call = startUnary(this.#channels.next(), {
      path: method.path,
      message: method.requestSerialize(request),
      metadata: this.#metadata,
      deadline_ms: Date.now() + deadline.timeout_ms,
    });
    deadline.signal.addEventListener("abort", call.cancel, { once: true });
    if (deadline.signal.aborted) call.cancel();
    this.#underWay.add(call);
    const end = await call.ended;
    deadline.signal.removeEventListener("abort", call.cancel);
    this.#underWay.delete(call);
    if (end.status.code !== status.OK) throw this.#explain(end, waiting);
    return this.#read(method, end.message);
  }

  #read<A>({ responseDeserialize }: Pick<GrpcMethod<never, A>, "responseDeserialize">, message: Buffer | null): A {
    if (message === null) throw this.fault(ModelAnswerError, "an answer must come with status OK: none came");
    try {
      return responseDeserialize(message);
    } catch (cause) {
      throw this.fault(
        ModelAnswerError,
        `the answer must be a message of the service: ${message.length} bytes are not`,
        {
          cause,
        },
      );
    }
  }

  #isClosed(): GatehouseError {
    return this.fault(this.#options.callee.Down, "it must take the call and answer: its connections are closed");
  }

  #explain(end: UnaryEnd, { deadline, signal }: Waiting): unknown {
    if (signal.aborted) return signal.reason;
    if (this.#closed) return this.#isClosed();
    if (deadline.expired || end.status.code === status.DEADLINE_EXCEEDED) return timedOut(this.fault, deadline);
    const { callee, secret, calling } = this.#options;
    return grpcRefusal(end, { callee, fault: this.fault, secret, message_bytes: calling.tensor_bytes });
  }
}
