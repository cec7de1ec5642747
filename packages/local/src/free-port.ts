import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { BackingFailedError } from "./errors.ts";

const LOWEST = 20_000;
const TRIES = 100;

/**
 * Finds a TCP port that nobody listens on at 127.0.0.1, below the range from which the kernel takes the ports of outgoing
 * connections. Inside that range a server that is down for a moment can lose its port to a client, even to one that
 * connects to itself while it tries to reach the server.
 */
export async function freePort(): Promise<number> {
  const end = outgoingFrom();
  for (let tried = 0; tried < TRIES; tried++) {
    const port = randomInt(LOWEST, end);
    if (await isPortFree(port)) return port;
  }
  throw new BackingFailedError(
    `Cannot find a free port between ${LOWEST} and ${end} as all of ${TRIES} tried are taken`,
  );
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** First port of the kernel's outgoing range; Linux's default where /proc does not say, or leaves us too little room. */
function outgoingFrom(): number {
  try {
    const from = Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
    return from > LOWEST + TRIES ? from : 32_768;
  } catch {
    return 32_768;
  }
}
