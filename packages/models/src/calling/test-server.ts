import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A real HTTP server on a free loopback port, for tests. */
export interface TestServer extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:40123` */
  host: string;
  /** Every request, in order of arrival. */
  requests: IncomingMessage[];
  /** Every connection that was made. */
  sockets: Socket[];
  /** Resolves when that many requests have arrived since the start. */
  received(count: number): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;

/** Starts a server that answers as told; `count` is the request's number, from 1. */
export async function startTestServer(answer: Answer): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    const count = requests.push(request);
    server.emit("arrived");
    return answer(request, response, count);
  });
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    sockets,
    async received(count) {
      while (requests.length < count) await once(server, "arrived");
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Answers with a status and JSON. */
export function json(response: ServerResponse, body: unknown, { status = 200, headers = {} } = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await request.toArray());
}
