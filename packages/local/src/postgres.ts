import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { asServerUser } from "./as-server-user.ts";
import { initPostgres } from "./init-postgres.ts";
import { probePostgres } from "./postgres-probe.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";
import { readProcess } from "./process-table.ts";
import type { Recipe } from "./recipe.ts";
import type { ServerSettings } from "./settings.ts";
import { stopLeftovers } from "./stop-leftovers.ts";

export interface PostgresOptions {
  /** Folder of the server: the data are in `data`. */
  dir: string;
  programs: PostgresPrograms;
  settings: ServerSettings;
}

/** How Postgres is run: loopback only, no Unix socket, scram-sha-256 passwords, the database `gatehouse`. */
export function postgresRecipe({ dir, programs, settings }: PostgresOptions): Recipe {
  const url = (port: number) => `postgres://${settings.user}:${settings.password}@127.0.0.1:${port}/gatehouse`;
  return {
    name: "postgres",
    stop_signal: "SIGINT",
    async prepare(port, signal) {
      const data = await initPostgres({ dir, programs, settings }, signal);
      await clearPidFile(data);
      return asServerUser({ file: programs.postgres, args: ["-D", data, ...options(port)] });
    },
    probe: (port, signal) => probePostgres(url(port), signal),
    url,
  };
}

function options(port: number): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 100,
    shared_buffers: "64MB",
    logging_collector: "off",
    log_checkpoints: "off",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * Postgres finds out by itself that the pid in its file is dead. Two cases it cannot: the pid is another program's by now,
 * and the server of an earlier start still runs unrecorded. Otherwise the file stays, as it also names the shared memory
 * that orphaned backends may still hold.
 */
async function clearPidFile(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  const pid = pidIn(path);
  const found = pid === null ? null : readProcess(pid);
  if (pid === null || found === null) return;
  if (serves(pid, data)) await stopLeftovers([{ name: "postgres", pid, started: found.started }]);
  else rmSync(path, { force: true });
}

function pidIn(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || null;
  } catch {
    return null;
  }
}

function serves(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(data);
  } catch {
    return false;
  }
}
