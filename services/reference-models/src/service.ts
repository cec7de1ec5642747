import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance } from "fastify";
import { chatDoor } from "./doors/chat.ts";
import { detectDoor, maxImageBytes } from "./doors/detect.ts";
import type { ServiceLog } from "./doors/door-parts.ts";
import { embedDoor } from "./doors/embed.ts";
import { failuresDoor } from "./doors/failures.ts";
import { florenceDoor } from "./doors/florence.ts";
import { healthDoor } from "./doors/health.ts";
import type { GrpcDoor } from "./doors/kserve-grpc.ts";
import { type KserveParts, kserveHttpDoor } from "./doors/kserve-http.ts";
import { rerankDoor } from "./doors/rerank.ts";
import { speakDoor } from "./doors/speak.ts";
import { transcribeDoor } from "./doors/transcribe.ts";
import { openWyomingDoor } from "./doors/wyoming.ts";
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
  /** Port of the Wyoming door, 0 for any that is free; null: none. */
  wyoming_port?: number | null;
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
  /** Of the Wyoming door: `tcp://127.0.0.1:10300`. */
  wyoming_url: string | null;
  /** Live switches: a changed field takes effect with the next request. */
  failures: FailureSwitches;
  /** Ends every connection, the hanging ones too. May be called again. */
  stop(): Promise<void>;
}

const defaults = { host: "127.0.0.1", port: 0, grpc_port: null, wyoming_port: null, allow_failures: false };

/** Starts the CPU stand-ins behind one HTTP listener, and, where ports are given for them, a gRPC and a Wyoming listener. */
export async function startReferenceModels(options: ReferenceModelsOptions = {}): Promise<ReferenceModels> {
  const { host, port, grpc_port, wyoming_port, allow_failures } = { ...defaults, ...options };
  const failures = makeSwitches(options.failures);
  const app = fastify({ bodyLimit: maxImageBytes, forceCloseConnections: true });
  const stopping = new AbortController();
  const random = seededRandom();
  const repository = servedRepository({ failures: failures.repository, random, signal: stopping.signal });
  const parts = { failures, random, repository, ...(options.log ? { log: options.log } : {}) };
  await openDoors(app, parts, allow_failures);
  const opened: { stop(): unknown }[] = [{ stop: () => app.close() }];
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopping.abort();
    stopped ??= Promise.all(opened.map((door) => door.stop())).then(() => undefined);
    return stopped;
  };
  try {
    const grpc = grpc_port === null ? null : await grpcDoor(parts, { host, port: grpc_port });
    if (grpc) opened.push(grpc);
    const wyoming = wyoming_port === null ? null : await openWyomingDoor(parts, { host, port: wyoming_port });
    if (wyoming) opened.push(wyoming);
    const url = await app.listen({ host, port });
    const grpc_url = grpc && `http://${host}:${grpc.port}`;
    const wyoming_url = wyoming && `tcp://${host}:${wyoming.port}`;
    options.log?.info({ url, grpc_url, wyoming_url }, "reference models listening");
    return { url, port: Number(new URL(url).port), grpc_url, wyoming_url, failures, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
  await app.register(speakDoor, parts);
  await app.register(transcribeDoor, parts);
  await app.register(florenceDoor, parts);
  await app.register(kserveHttpDoor, parts);
  if (allowFailures) await app.register(failuresDoor, parts);
}
