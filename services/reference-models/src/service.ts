import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance } from "fastify";
import { chatDoor } from "./doors/chat.ts";
import { detectDoor, maxImageBytes } from "./doors/detect.ts";
import type { ServiceLog } from "./doors/door-parts.ts";
import { embedDoor } from "./doors/embed.ts";
import { failuresDoor } from "./doors/failures.ts";
import { healthDoor } from "./doors/health.ts";
import type { GrpcDoor } from "./doors/kserve-grpc.ts";
import { type KserveParts, kserveHttpDoor } from "./doors/kserve-http.ts";
import { rerankDoor } from "./doors/rerank.ts";
import { seededRandom } from "./failing.ts";
import { type DoorFailures, type DoorName, type FailureSwitches, makeSwitches } from "./failures.ts";
import { servedRepository } from "./kserve/served-repository.ts";

export interface ReferenceModelsOptions {
  /** Address to listen on. */
  host?: string;
  /** Port to listen on, 0 for any that is free. */
  port?: number;
  /** Port of the gRPC door, 0 for any that is free; null: none. */
  grpc_port?: number | null;
  /** Told once where it listens, and of every answer that ended early as its client went away. */
  log?: ServiceLog;
  /** Switches to start with. */
  failures?: Partial<Record<DoorName, Partial<DoorFailures>>>;
  /** Whether `PUT /failures/{door}` exists. */
  allow_failures?: boolean;
}

/** Running stand-ins for the model servers. */
export interface ReferenceModels {
  url: string;
  port: number;
  /** Of the gRPC door. */
  grpc_url: string | null;
  /** Live switches: a changed field takes effect with the next request. */
  failures: FailureSwitches;
  /** Ends every connection, the hanging ones too. May be called again. */
  stop(): Promise<void>;
}

const defaults = { host: "127.0.0.1", port: 0, grpc_port: null, allow_failures: false };

/** Starts the CPU stand-ins behind one HTTP listener, and, where a port is given for it, a gRPC listener. */
export async function startReferenceModels(options: ReferenceModelsOptions = {}): Promise<ReferenceModels> {
  const { host, port, grpc_port, allow_failures } = { ...defaults, ...options };
  const failures = makeSwitches(options.failures);
  const app = fastify({ bodyLimit: maxImageBytes, forceCloseConnections: true });
  const stopping = new AbortController();
  const random = seededRandom();
  const repository = servedRepository({ failures: failures.repository, random, signal: stopping.signal });
  const parts = { failures, random, repository, ...(options.log ? { log: options.log } : {}) };
  await openDoors(app, parts, allow_failures);
  const grpc = grpc_port === null ? null : await grpcDoor(parts, { host, port: grpc_port });
  const url = await app.listen({ host, port }).catch((error: unknown) => {
    grpc?.stop();
    throw error;
  });
  const grpc_url = grpc && `http://${host}:${grpc.port}`;
  options.log?.info({ url, grpc_url }, "reference models listening");
  const end = async () => {
    stopping.abort();
    grpc?.stop();
    await app.close();
  };
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  return { url, port: Number(new URL(url).port), grpc_url, failures, stop };
}

/** Loaded only where it is wanted: its library takes a while. */
async function grpcDoor(parts: KserveParts, at: { host: string; port: number }): Promise<GrpcDoor> {
  const { openGrpcDoor } = await import("./doors/kserve-grpc.ts");
  return openGrpcDoor(parts, at);
}

async function openDoors(app: FastifyInstance, parts: KserveParts, allowFailures: boolean): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: false });
  await app.register(healthDoor);
  await app.register(detectDoor, parts);
  await app.register(chatDoor, parts);
  await app.register(embedDoor, parts);
  await app.register(rerankDoor, parts);
  await app.register(kserveHttpDoor, parts);
  if (allowFailures) await app.register(failuresDoor, parts);
}
