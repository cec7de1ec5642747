import { Socket } from "node:net";
import { Client, DatabaseError } from "pg";
import type { Answer, Asked } from "./recipe.ts";

/** `cannot_connect_now`: it starts, recovers or stops. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANNOT_CONNECT_NOW = "57P03";
/** `too_many_connections`: it serves, only not us. */
const TOO_MANY_CONNECTIONS = "53300";

/** Asks its version (`18.4`) with the URL's credentials. */
export async function askPostgres(url: string, signal: AbortSignal): Promise<Asked> {
  signal.throwIfAborted();
  const socket = new Socket({ signal });
  const client = new Client({ connectionString: url, stream: () => socket });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return { answer: "ready", version: rows[0]?.server_version.split(" ")[0] ?? null };
  } catch (error) {
    if (error instanceof DatabaseError && error.code === CANNOT_CONNECT_NOW)
      return { answer: "starting", version: null };
    if (error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS)
      return { answer: "ready", version: null };
    throw error;
  } finally {
    socket.destroy();
  }
}

/** The answer alone. */
export async function probePostgres(url: string, signal: AbortSignal): Promise<Answer> {
  return (await askPostgres(url, signal)).answer;
}
