import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A real server on a free loopback port that answers as told. */
export interface PlainServer extends AsyncDisposable {
  url: string;
  /** What came, in order. */
  requests: { method: string; url: string; authorization: string | undefined; body: string }[];
}

export type PlainAnswer = (response: ServerResponse, count: number, request: IncomingMessage) => unknown;

/** Starts it; `count` is the request's number, from 1. With `tls` it speaks https. */
export async function startPlainServer(answer: PlainAnswer, tls?: { key: string; cert: string }): Promise<PlainServer> {
  const requests: PlainServer["requests"] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    const body = Buffer.concat(await request.toArray()).toString();
    const count = requests.push({ method, url, authorization: headers.authorization, body });
    answer(response, count, request);
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Answers with a status and JSON. */
export function answerJson(
  response: ServerResponse,
  json: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
}
