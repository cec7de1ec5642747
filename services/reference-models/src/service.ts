import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance } from "fastify";
import { chatDoor } from "./doors/chat.ts";
import { detectDoor, maxImageBytes } from "./doors/detect.ts";
import type { DoorParts, ServiceLog } from "./doors/door-parts.ts";
import { failuresDoor } from "./doors/failures.ts";
import { healthDoor } from "./doors/health.ts";
import { seededRandom } from "./failing.ts";
import { type DoorFailures, type DoorName, type FailureSwitches, makeSwitches } from "./failures.ts";

export interface ReferenceModelsOptions {
  /** Address to listen on. */
  host?: string;
  /** Port to listen on, 0 for any that is free. */
  port?: number;
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
  /** Live switches: a changed field takes effect with the next request. */
  failures: FailureSwitches;
  /** Ends every connection, the hanging ones too. May be called again. */
  stop(): Promise<void>;
}

const defaults = { host: "127.0.0.1", port: 0, allow_failures: false };

/** Starts the CPU stand-ins behind one HTTP listener: `/detect`, `/v1/chat/completions`, `/v1/models`, `/health`. */
export async function startReferenceModels(options: ReferenceModelsOptions = {}): Promise<ReferenceModels> {
  const { host, port, allow_failures } = { ...defaults, ...options };
  const failures = makeSwitches(options.failures);
  const app = fastify({ bodyLimit: maxImageBytes, forceCloseConnections: true });
  const log = options.log ? { log: options.log } : {};
  await openDoors(app, { failures, random: seededRandom(), ...log }, allow_failures);
  const url = await app.listen({ host, port });
  options.log?.info({ url }, "reference models listening");
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= app.close();
    return stopped;
  };
  return { url, port: Number(new URL(url).port), failures, stop };
}

async function openDoors(app: FastifyInstance, parts: DoorParts, allowFailures: boolean): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: false });
  await app.register(healthDoor);
  await app.register(detectDoor, parts);
  await app.register(chatDoor, parts);
  if (allowFailures) await app.register(failuresDoor, parts);
}
