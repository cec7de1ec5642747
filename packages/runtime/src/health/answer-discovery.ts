import type { NatsConnection } from "@nats-io/nats-core";
import { openConnection } from "../bus/connection.ts";
import { elapsed } from "../elapsed.ts";
import type { Backing } from "../service.ts";
import type { ServiceReadiness } from "./readiness.ts";

export interface DiscoveryOptions {
  backing: Pick<Backing, "nats_url" | "nats_user" | "nats_password">;
  /** Names this run of this process. */
  instance: string;
  /** How the services of this process are now. */
  services: () => readonly ServiceReadiness[];
}

const VERSION = "0.1.0";
const VERBS = ["PING", "INFO", "STATS"] as const;
const TRY_AGAIN_MS = 1_000;
const CONNECT_MS = 3_000;
const CLOSE_MS = 400;

/**
 * Answers the discovery of NATS services (`$SRV.PING|INFO|STATS`, `.{service}`, `.{service}.{instance}`) for every service
 * of a process, also while it waits to start: so `nats micro ls` shows the mesh, and the gateway how each service is
 * (`metadata.status`, `metadata.reasons` as JSON). On a connection of its own; a broker that is away is waited for.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
export function answerDiscovery({ backing, instance, services }: DiscoveryOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const id = instance.replace(/[^\w-]/g, "-");
  const started = new Date().toISOString();
  const open = async (): Promise<NatsConnection | null> => {
    const connection = await connectAtLast(backing, stopping.signal);
    connection?.subscribe("$SRV.>", {
      callback: (error, message) => {
        if (error || !message.reply) return;
        const [, verb, name, of] = message.subject.split(".");
        const known = VERBS.find((one) => one === verb);
        if (!known || (of !== undefined && of !== id)) return;
        for (const service of services())
          if (name === undefined || name === service.service)
            message.respond(JSON.stringify(answerTo(known, service, { id, started })));
      },
    });
    return connection;
  };
  const opened = open();
  return {
    async stop() {
      stopping.abort();
      const closed = opened.then((connection) => connection?.close());
      await Promise.race([closed, elapsed(CLOSE_MS, new AbortController().signal)]);
    },
  };
}

function answerTo(
  verb: (typeof VERBS)[number],
  { service, status, reasons }: ServiceReadiness,
  { id, started }: { id: string; started: string },
): object {
  const type = `io.nats.micro.v1.${verb.toLowerCase()}_response`;
  const metadata = { status, reasons: JSON.stringify(reasons) };
  const common = { type, name: service, id, version: VERSION, metadata };
  if (verb === "PING") return common;
  return verb === "INFO"
    ? { ...common, description: `${service} of Gatehouse`, endpoints: [] }
    : { ...common, started, endpoints: [] };
}

async function connectAtLast(
  backing: DiscoveryOptions["backing"],
  signal: AbortSignal,
): Promise<NatsConnection | null> {
  const { nats_url, nats_user: user, nats_password: password } = backing;
  while (!signal.aborted) {
    const connection = await openConnection({
      nats_url,
      user,
      password,
      name: "discovery",
      connect_timeout_ms: CONNECT_MS,
    }).catch(() => null);
    if (connection && !signal.aborted) return connection;
    await connection?.close();
    await elapsed(TRY_AGAIN_MS, signal);
  }
  return null;
}
