import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answerHealth, type HealthSources } from "./answer-health.ts";

export interface HealthOptions extends HealthSources {
  host: string;
  /** 0: any free port. */
  port: number;
}

export interface Health {
  readonly url: string;
  readonly port: number;
  /** Ends answers in flight within a second. May be called again. */
  stop(): Promise<void>;
}

const STOP_MS = 1000;

/** Opens the health listener of a process: `/livez`, `/readyz`, `/metrics`. @throws what `listen` throws (`EADDRINUSE`). */
export async function startHealth({ host, port, ...sources }: HealthOptions): Promise<Health> {
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
    async (request, response) => {
      request.resume();
      send(response, request.method === "HEAD", await answerHealth(request.method ?? "", request.url ?? "", sources));
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => resolve(void server.off("error", reject)));
  });
  const bound = (server.address() as AddressInfo).port;
  let stopped: Promise<void> | null = null;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    stop() {
      stopped ??= close(server);
      return stopped;
    },
  };
}

function send(response: ServerResponse, head: boolean, { status, type, body, headers }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(head ? undefined : body);
}

async function close(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), STOP_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(late);
}
