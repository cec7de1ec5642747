import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { asServerUser } from "./as-server-user.ts";
import { initPostgres } from "./init-postgres.ts";
import { probePostgres } from "./postgres-probe.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";
import { readProcess } from "./process-table.ts";
import type { Recipe } from "./recipe.ts";
import type { ServerSettings } from "./settings.ts";
import { stopStragglers } from "./stop-stragglers.ts";

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
      await clearTheWay(data);
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
 * Ends what still works in the data folder. Postgres finds out by itself that the pid in its file is dead, but not that it
 * belongs to another program by now, as after a restart of the machine: only then the file has to go.
 */
async function clearTheWay(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  const pid = pidIn(path);
  await stopStragglers(realpathSync(data), pid);
  if (pid !== null && readProcess(pid) !== null) rmSync(path, { force: true });
}

function pidIn(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || null;
  } catch {
    return null;
  }
}
