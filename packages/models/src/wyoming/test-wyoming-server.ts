import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A real TCP server on a free loopback port, for tests; it says what a test tells it to, whatever it is asked. */
export interface TestWyomingServer extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:40123` */
  host: string;
  /** All bytes of each connection, in order. */
  received: Buffer[];
  /** Every connection that was made. */
  sockets: Socket[];
  /** Resolves when a connection has sent such a text. */
  heard(text: string): Promise<void>;
}

/** Starts a server that answers a connection each time that more has come on it; `so_far` is all that came. */
export async function startTestWyomingServer(
  answer: (socket: Socket, so_far: string) => void,
): Promise<TestWyomingServer> {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const at = received.push(Buffer.alloc(0)) - 1;
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      received[at] = Buffer.concat([received[at]!, bytes]);
      answer(socket, received[at].toString("latin1"));
      server.emit("heard");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `tcp://${host}`,
    host,
    received,
    sockets,
    async heard(text) {
      while (!received.some((bytes) => bytes.includes(text))) await once(server, "heard");
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
