import { Socket } from "node:net";
import { Client, DatabaseError } from "pg";
import type { Answer } from "./recipe.ts";

/** `cannot_connect_now`: it starts, recovers or stops. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANNOT_CONNECT_NOW = "57P03";
/** `too_many_connections`: it serves, only not us. */
const TOO_MANY_CONNECTIONS = "53300";

/** Asks `select 1` with the URL's credentials. */
export async function probePostgres(url: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const socket = new Socket({ signal });
  const client = new Client({ connectionString: url, stream: () => socket });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return "ready";
  } catch (error) {
    if (error instanceof DatabaseError && error.code === CANNOT_CONNECT_NOW) return "starting";
    if (error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS) return "ready";
    throw error;
  } finally {
    socket.destroy();
  }
}
