import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, startServers } from "@gatehouse/local";
import { applyStreams, type Backing, createLog, type NatsBus, type OpenLog, openBus } from "@gatehouse/runtime";
import { type Database, migrate, openPostgres } from "@gatehouse/store";
import { mesh, STREAM_DEFAULTS, type StreamSettings } from "@gatehouse/streams";
import { copyBlankPostgres } from "./blank-postgres.ts";

/** Real backing servers of its own, in a folder of its own, for one test file. */
export interface World {
  dir: string;
  backing: Backing;
  nats: Server;
  postgres: Server;
  redis: Server;
  /** A connection of the test's own. */
  bus: NatsBus;
  db: Database;
  log: OpenLog;
  stop(): Promise<void>;
}

/** Streams small enough that many worlds fit on one disk. */
export const TEST_STREAMS: StreamSettings = { ...STREAM_DEFAULTS, frames_mb: 256, dead_letters_mb: 64 };

/** Starts NATS, Postgres and Redis, applies the streams and migrates. Lines of services go to `<dir>/logs/test.log`. */
export async function startWorld({ streams = TEST_STREAMS }: { streams?: StreamSettings } = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-test-"));
  copyBlankPostgres(dir);
  const { nats, postgres, redis } = await startServers(dir, ["nats", "postgres", "redis"]);
  const log = createLog({
    name: "test",
    level: "debug",
    home: dir,
    stdout: process.env.GATEHOUSE_TEST_LOG ? "pretty" : "silent",
  });
  const backing: Backing = {
    nats_url: nats.url,
    nats_user: nats.user,
    nats_password: nats.password,
    database_url: postgres.url,
    redis_url: redis.url,
    qdrant_url: null,
  };
  const bus = await openBus({ nats_url: nats.url, user: nats.user, password: nats.password, name: "test", log });
  await Promise.all([applyStreams(bus, mesh(streams)), migrate(postgres.url)]);
  const db = openPostgres(postgres.url, { name: "test" });
  const stop = async (): Promise<void> => {
    await Promise.all([bus.close(), db.close()]);
    await Promise.all([nats.stop(), postgres.stop(), redis.stop()]);
    await log.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  return { dir, backing, nats, postgres, redis, bus, db, log, stop };
}
