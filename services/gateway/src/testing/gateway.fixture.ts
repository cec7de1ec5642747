import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import {
  applyStreams,
  type Backing,
  type Host,
  type Log,
  loadConfig,
  type NatsBus,
  type OpenDoor,
  openBus,
  startTelemetry,
} from "@gatehouse/runtime";
import { createKey, type Database, type KeyRow, migrate, type NewKey, openPostgres } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import { config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { service } from "../service.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

/** The real servers of a test file, with all streams and tables. */
export interface Ground {
  servers: Awaited<ReturnType<typeof startServers<"nats" | "postgres" | "redis">>>;
  backing: Backing;
  bus: NatsBus;
  db: Database;
  /** Makes a key, with its secret. */
  key(key: Omit<NewKey, "label">): Promise<{ key: KeyRow; secret: string }>;
  stop(): Promise<void>;
}

/** The empty Postgres that the run of tests made, with its credentials. */
function copyBlankPostgres(dir: string): void {
  const from = process.env.GATEHOUSE_TEST_POSTGRES;
  if (from === undefined) return;
  execFileSync("cp", ["-a", join(from, "postgres"), dir]);
  copyFileSync(join(from, "servers.json"), join(dir, "servers.json"));
}

export async function prepareGround(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-gateway-"));
  copyBlankPostgres(dir);
  const servers = await startServers(dir, ["nats", "postgres", "redis"]);
  const { nats, postgres, redis } = servers;
  const backing: Backing = {
    nats_url: nats.url,
    nats_user: nats.user,
    nats_password: nats.password,
    database_url: postgres.url,
    redis_url: redis.url,
    qdrant_url: null,
  };
  const bus = await openTestBus(backing);
  await applyStreams(bus, mesh());
  await migrate(backing.database_url);
  const db = openPostgres(backing.database_url, { name: "test" });
  return {
    servers,
    backing,
    bus,
    db,
    key: (key) => createKey(db, { label: "test", ...key }),
    stop: async () => {
      await Promise.all([bus.close(), db.close()]);
      await Promise.all([nats.stop(), postgres.stop(), redis.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function openTestBus({ nats_url, nats_user: user, nats_password: password }: Backing): Promise<NatsBus> {
  return openBus({ nats_url, user, password, name: "gateway", log: quiet });
}

/** A gateway that listens on a free port. */
export interface TestGateway {
  url: string;
  ws_url: string;
  deps: Deps;
  home: string;
  stop(): Promise<void>;
}

/** Starts one on this ground; `env` as the process would have it. Most tests want no limits in their way. */
export async function startGateway({ backing }: Ground, env: NodeJS.ProcessEnv = NO_LIMITS): Promise<TestGateway> {
  const home = mkdtempSync(join(tmpdir(), "gatehouse-home-"));
  const bus = await openTestBus(backing);
  const ending = new AbortController();
  const loaded = loadConfig(config, { file: null, env: { GATEHOUSE_GATEWAY__PORT: "0", ...env }, cwd: home });
  const host = {
    service: "gateway",
    instance: "test",
    config: loaded,
    backing,
    home,
    bus,
    log: quiet,
    telemetry: await startTelemetry({ service_names: ["gateway"], env: {} }),
    signal: ending.signal,
    readiness: () => [{ service: "gateway", status: "ready", reasons: [] }],
  };
  const started = await service.start(host as unknown as Host<typeof config>);
  const door: OpenDoor = await service.doors![0]!.start(started.deps, host as unknown as Host);
  return {
    url: door.url!,
    ws_url: `${door.url!.replace(/^http/, "ws")}/ws`,
    deps: started.deps,
    home,
    stop: async () => {
      await door.stop();
      ending.abort();
      await bus.close();
      await started.stop?.();
      await host.telemetry.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** So many requests that no test meets a limit by accident. */
export const NO_LIMITS: NodeJS.ProcessEnv = {
  GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "100000",
  GATEHOUSE_LIMITS__MEDIA_PER_MIN: "100000",
  GATEHOUSE_LIMITS__DOCUMENTS_PER_MIN: "100000",
  GATEHOUSE_LIMITS__SEARCH_PER_MIN: "100000",
  GATEHOUSE_LIMITS__AI_PER_MIN: "100000",
  GATEHOUSE_LIMITS__ADDRESS_PER_MIN: "100000",
  GATEHOUSE_LIMITS__WRONG_KEYS_PER_MIN: "10000",
  GATEHOUSE_LIMITS__WS_OPS_PER_S: "10000",
};
