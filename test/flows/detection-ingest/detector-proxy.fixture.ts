import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands between the service and a detector: counts what is asked, and can be away. */
export interface DetectorProxy {
  url: string;
  /** `POST /detect` that were passed on. */
  readonly asked: number;
  /** Closes the port, or opens the same one again. */
  away(): Promise<void>;
  back(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDetectorProxy(target: string): Promise<DetectorProxy> {
  let asked = 0;
  const server = createServer((incoming, answer) => {
    if (incoming.method === "POST") asked++;
    const { method, headers } = incoming;
    const outgoing = request(new URL(incoming.url!, target), { method: method!, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}`,
    get asked() {
      return asked;
    },
    away: close,
    back: async () => void (await listen(port)),
    stop: close,
  };
}
