import type { Deps } from "../deps.ts";
import type { Connection } from "./connection.ts";

const PING_MS = 30_000;
const SILENT_MS = 300_000;
const KEYS_MS = 10_000;

/** Pings the connections, ends the silent ones, and those whose key was revoked meanwhile. */
export function watchConnections(connections: ReadonlySet<Connection>, deps: Deps): { stop(): void } {
  const pinging = setInterval(() => {
    const silent_since = performance.now() - SILENT_MS;
    for (const connection of connections) {
      if (connection.alive_at_ms < silent_since) connection.close(1008, "no pong for 300 s");
      else connection.socket.ping();
    }
  }, PING_MS).unref();
  const checking = setInterval(() => void endRevoked(connections, deps), KEYS_MS).unref();
  return {
    stop() {
      clearInterval(pinging);
      clearInterval(checking);
    },
  };
}

/** While Postgres is away the keyring vouches for keys that were good, for a while. */
async function endRevoked(connections: ReadonlySet<Connection>, { keyring }: Deps): Promise<void> {
  const keys = new Set([...connections].flatMap(({ identity }) => identity?.key_id ?? []));
  for (const key_id of keys) {
    const identity = await keyring.byId(key_id).catch(() => undefined);
    if (identity) continue;
    for (const connection of connections)
      if (connection.identity?.key_id === key_id)
        if (identity === null) connection.close(1008, "the key was revoked");
        else connection.close(1011, "the key cannot be checked");
  }
}
