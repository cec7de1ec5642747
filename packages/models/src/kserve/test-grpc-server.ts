import { EventEmitter, once } from "node:events";
import { promisify } from "node:util";
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type InferenceService, inferenceService } from "./inference-service.ts";

type Call = ServerUnaryCall<unknown, unknown>;

/** A real gRPC server on a free loopback port, for tests. */
interface TestGrpcServer extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:40123` */
  host: string;
  /** Every call of a method with an answer, in order of arrival. */
  calls: { method: string; request: unknown; call: Call }[];
  /** Resolves when that many calls have arrived since the start. */
  received(count: number): Promise<void>;
  /** Closes every connection at once, as a process that dies does, and listens no more. */
  die(): void;
}

/** An answer, a status to fail with, or null to never answer. `count` is the number of the call, from 1. */
export type GrpcAnswer = (call: Call, count: number) => object | null | Promise<object>;

/** Fails a call: give it as an answer. */
export const failing = (code: status, details: string, metadata?: Metadata): object =>
  Object.assign(new Error(details), { code, details, ...(metadata ? { metadata } : {}) });

/** Starts a server that answers as told. */
export async function startTestGrpcServer(
  answers: Partial<Record<keyof InferenceService, GrpcAnswer>>,
  { credentials = ServerCredentials.createInsecure(), port = 0 } = {},
): Promise<TestGrpcServer> {
  const arrivals = new EventEmitter();
  const calls: TestGrpcServer["calls"] = [];
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const handlers = Object.entries(answers).map(([method, answer]): [string, handleUnaryCall<unknown, unknown>] => [
    method,
    async (call, callback) => {
      const count = calls.push({ method, request: call.request, call });
      arrivals.emit("arrived");
      const given = await answer(call, count);
      if (given instanceof Error) callback(given as ServiceError);
      else if (given !== null) callback(null, given);
    },
  ]);
  server.addService(
    (await inferenceService()) as unknown as ServiceDefinition,
    Object.fromEntries(handlers) as unknown as UntypedServiceImplementation,
  );
  const bound = await promisify(server.bindAsync.bind(server))(`127.0.0.1:${port}`, credentials);
  const host = `127.0.0.1:${bound}`;
  const die = () => server.forceShutdown();
  return {
    url: `${credentials._isSecure() ? "https" : "http"}://${host}`,
    host,
    calls,
    async received(count) {
      while (calls.length < count) await once(arrivals, "arrived");
    },
    die,
    [Symbol.asyncDispose]: async () => die(),
  };
}
