import { checkNats, checkPostgres, checkRedis, REACH_WITHIN_MS } from "./external.ts";
import { programFolders } from "./find-program.ts";
import type { Home } from "./home.ts";
import type { Server } from "./server.ts";
import type { Log, ServerEvent } from "./server-event.ts";
import type { ServerName } from "./settings.ts";
import { startServers } from "./start-servers.ts";

/** Where the backing servers are, whoever runs them. */
export interface Backing {
  /** Never carries credentials. May be several, with commas between. */
  nats_url: string;
  /** With `nats_password: null` it is a token. Null: no credentials. */
  nats_user: string | null;
  nats_password: string | null;
  /** Carries its credentials. */
  database_url: string;
  /** Carries its credentials. */
  redis_url: string;
  /** As the environment says; nothing is started for it. */
  qdrant_url: string | null;
  /** Names of the servers that were started here. */
  owned: ServerName[];
  /** Process ids of the started servers that are up now. */
  pids(): Record<string, number>;
  /** Stops what was started here: Redis, Postgres, NATS, each within 4 s or by SIGKILL. Safe to repeat. */
  stop(): Promise<void>;
}

export interface StartBackingOptions {
  /** Read: NATS_URL, DATABASE_URL, REDIS_URL, QDRANT_URL, and PATH when `folders` is not given. */
  env: Record<string, string | undefined>;
  /** Where nats-server and redis-server are looked for. Default: PATH and the usual folders. */
  folders?: string[];
  log?: Log;
  onEvent?(event: ServerEvent): void;
  signal?: AbortSignal;
  /** How long a server of the environment may take to answer. Default 10 s. */
  reach_within_ms?: number;
  /** The sum of the streams' `max_bytes`, which the broker's store must be able to hold. Default 0. */
  streams_bytes?: number;
}

const STOP_ORDER: ServerName[] = ["redis", "postgres", "nats"];

/**
 * Gives each backing server: the one whose URL is in `env` (checked to answer), else one started in the home.
 *
 * @throws {BackingMissingError} when a program is not on this machine
 * @throws {BackingDownError} when an external server does not answer
 * @throws {BackingFailedError} when a started one does not become ready; nothing is left running then
 */
export async function startBacking(home: Home, options: StartBackingOptions): Promise<Backing> {
  const { env, signal = new AbortController().signal } = options;
  const reaching = { signal, within_ms: options.reach_within_ms ?? REACH_WITHIN_MS };
  const [nats, database_url, redis_url] = await Promise.all([
    env.NATS_URL ? checkNats(env.NATS_URL, reaching) : null,
    env.DATABASE_URL ? checkPostgres(env.DATABASE_URL, reaching) : null,
    env.REDIS_URL ? checkRedis(env.REDIS_URL, reaching) : null,
  ]);
  const given: Record<ServerName, unknown> = { nats, postgres: database_url, redis: redis_url };
  const owned = STOP_ORDER.filter((name) => given[name] === null);
  const started: Partial<Record<ServerName, Server>> = await startServers(home.dir, owned, {
    folders: options.folders ?? programFolders(env),
    signal,
    children: home.children,
    streams_bytes: options.streams_bytes ?? 0,
    onEvent: (event) => {
      tell(event, options.log);
      options.onEvent?.(event);
    },
  });
  return {
    nats_url: nats?.url ?? started.nats?.url ?? "",
    nats_user: nats ? nats.user : (started.nats?.user ?? null),
    nats_password: nats ? nats.password : (started.nats?.password ?? null),
    database_url: database_url ?? started.postgres?.url ?? "",
    redis_url: redis_url ?? started.redis?.url ?? "",
    qdrant_url: env.QDRANT_URL || null,
    owned,
    pids: () => pidsOf(started),
    stop: () => stopInOrder(started),
  };
}

function pidsOf(started: Partial<Record<ServerName, Server>>): Record<string, number> {
  const pids = Object.entries(started).map(([name, server]) => [name, server.pid] as const);
  return Object.fromEntries(pids.filter((entry): entry is [string, number] => entry[1] !== null));
}

async function stopInOrder(started: Partial<Record<ServerName, Server>>): Promise<void> {
  for (const name of STOP_ORDER) await started[name]?.stop();
}

function tell({ server, what, ...fields }: ServerEvent, log: Log | undefined): void {
  const level = what === "restarting" ? "warn" : "info";
  log?.[level]({ server, ...fields }, `backing server ${what}`);
}
