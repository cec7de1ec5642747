import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to the broker that can be held up: what a paused process would send late. */
export interface HeldBroker {
  url: string;
  /** Holds everything that clients send from the first chunk on that has this text in it; resolves when it is held. */
  hold(marker: string): Promise<void>;
  /** Lets go on what was held. */
  release(): void;
  stop(): Promise<void>;
}

export async function startHeldBroker(nats_url: string): Promise<HeldBroker> {
  const target = new URL(nats_url);
  const sockets = new Set<Socket>();
  let marker: string | null = null;
  let held = Promise.withResolvers<void>();
  const paused = new Map<Socket, Buffer>();
  const server = createServer((client) => {
    const broker = connect(Number(target.port), target.hostname);
    for (const socket of [client, broker]) sockets.add(socket.on("error", () => undefined));
    client.on("data", (chunk) => {
      if (marker === null || !chunk.includes(marker)) return broker.write(chunk);
      client.pause();
      paused.set(client, chunk);
      return held.resolve();
    });
    client.on("close", () => broker.destroy());
    broker.on("close", () => client.destroy());
    broker.pipe(client);
    onRelease.add((socket) => {
      if (socket !== client) return;
      broker.write(paused.get(client)!);
      client.resume();
    });
  });
  const onRelease = new Set<(socket: Socket) => void>();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`,
    hold(text) {
      marker = text;
      held = Promise.withResolvers();
      return held.promise;
    },
    release() {
      marker = null;
      for (const socket of paused.keys()) for (const go of onRelease) go(socket);
      paused.clear();
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
