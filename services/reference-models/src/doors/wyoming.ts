import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Conversation } from "../wyoming/conversation.ts";
import type { DoorParts } from "./door-parts.ts";

/** A running Wyoming door. */
export interface WyomingDoor {
  port: number;
  /** Ends every connection. */
  stop(): Promise<void>;
}

const MOST_CONNECTIONS = 64;
/** A connection on which nothing goes either way is closed. */
const IDLE_MS = 120_000;

/** The Wyoming protocol over TCP: speech recognition and synthesis on one port, as `describe` tells. */
export async function openWyomingDoor(
  parts: DoorParts,
  { host, port }: { host: string; port: number },
): Promise<WyomingDoor> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    void new Conversation(socket, parts).run();
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, host);
  await once(server, "listening");
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, stop };
}
