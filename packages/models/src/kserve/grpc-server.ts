import type { GatehouseError } from "@gatehouse/errors";
import {
  type ClientUnaryCall,
  Metadata,
  type MethodDefinition,
  type requestCallback,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { CallOptions } from "../calling/call-options.ts";
import { type Fault, timedOut } from "../calling/faults.ts";
import { type AdmittedCall, ServerCalls, type ServerCallsOptions } from "../calling/server-calls.ts";
import { type Channels, shareChannels } from "./channels.ts";
import { type GrpcFailure, grpcRefusal } from "./grpc-refusal.ts";

export interface GrpcServerOptions extends ServerCallsOptions {
  /** `gpu:8001` */
  target: string;
  tls: boolean;
  secret: string | null;
}

/** How long somebody waits, and who. */
type Waiting = Pick<AdmittedCall, "deadline" | "signal">;

/** One server over gRPC: a share of the process's connections to it, and its calls. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #channels: Channels;
  readonly #calls: ServerCalls;
  readonly #metadata = new Metadata();
  readonly #underWay = new Set<ClientUnaryCall>();
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
    method: MethodDefinition<Q, A>,
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
  probe<Q, A>(method: MethodDefinition<Q, A>, request: Q, signal: AbortSignal): Promise<A> {
    return this.#calls.probe((deadline) => this.#send(method, request, { deadline, signal }), { signal });
  }

  /** Calls in flight fail; connections that nobody else uses are closed. */
  close(): void {
    this.#closed = true;
    for (const call of this.#underWay) call.cancel();
    this.#channels.release();
  }

  async #send<Q, A>(method: MethodDefinition<Q, A>, request: Q, waiting: Waiting): Promise<A> {
    const outcome = Promise.withResolvers<A>();
    let begun = false;
    const settle = (error: ServiceError | null, answer?: A) => {
      if (error) outcome.reject(this.#explain({ error, begun }, waiting));
      else outcome.resolve(answer as A);
    };
    const call = this.#start(method, request, { waiting, settle });
    call.on("metadata", () => {
      begun = true;
    });
    const { signal } = waiting.deadline;
    const cancel = () => call.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    this.#underWay.add(call);
    try {
      return await outcome.promise;
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#underWay.delete(call);
    }
  }

  #start<Q, A>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    { waiting, settle }: { waiting: Waiting; settle: requestCallback<A> },
  ): ClientUnaryCall {
    if (this.#closed) throw this.#isClosed();
    return this.#channels
      .next()
      .makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadata,
        { deadline: Date.now() + waiting.deadline.timeout_ms },
        settle,
      );
  }

  #isClosed(): GatehouseError {
    return this.fault(this.#options.callee.Down, "it must take the call and answer: its connections are closed");
  }

  #explain(failure: GrpcFailure, { deadline, signal }: Waiting): unknown {
    if (signal.aborted) return signal.reason;
    if (this.#closed) return this.#isClosed();
    if (deadline.expired || failure.error.code === status.DEADLINE_EXCEEDED) return timedOut(this.fault, deadline);
    const { callee, secret, calling } = this.#options;
    return grpcRefusal(failure, { callee, fault: this.fault, secret, message_bytes: calling.tensor_bytes });
  }
}
