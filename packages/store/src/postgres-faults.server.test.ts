import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { PostgresDownError } from "./errors.ts";
import { createDetectionStore, type Database, migrate, openPostgres } from "./mod.ts";
import { aSet } from "./test-events.ts";
import { startPostgres, type TestServer } from "./test-servers.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
  await migrate(server.url);
});
afterAll(() => server.stop());

const LIMITS = { statement_timeout_ms: 1_000, connect_timeout_ms: 1_000 };

function open(): Database {
  const db = openPostgres(server.url, { name: "test", ...LIMITS });
  onTestFinished(() => db.close());
  return db;
}

async function answersAgain(db: Database): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.probe(AbortSignal.timeout(2_000));
    } catch (error) {
      if (!(error instanceof PostgresDownError) || tries === 50) throw error;
    }
  }
}

/** Keeps frames in 16 loops until told to stop. Every frame is kept or refused as `POSTGRES_DOWN`; anything else fails. */
function keepFrames(db: Database, prefix: string) {
  const store = createDetectionStore(db);
  const kept: string[] = [];
  const failed = Promise.withResolvers<void>();
  const running = Promise.withResolvers<void>();
  let stop = false;
  const loop = async (worker: number) => {
    for (let i = 0; !stop; i++) {
      const frame_id = `${prefix}-${worker}-${i}`;
      try {
        await store.keep({ set: aSet({ frame_id }), sha256: frame_id });
        if (kept.push(frame_id) === 200) running.resolve();
      } catch (error) {
        if (!(error instanceof PostgresDownError)) throw error;
        failed.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  const loops = Promise.all(Array.from({ length: 16 }, (_, worker) => loop(worker)));
  const ended = async () => {
    stop = true;
    await loops;
    return kept;
  };
  return { running: running.promise, failed: failed.promise, kept, ended };
}

async function expectAll(db: Database, frame_ids: string[]): Promise<void> {
  const [row] = await db.query<{ there: number }>("select count(*) as there from detections where frame_id = any($1)", [
    frame_ids,
  ]);
  expect(row!.there).toBe(frame_ids.length);
}

test("keep() loses nothing it confirmed when Postgres is killed under load, and goes on when it is back", async () => {
  const db = open();
  const frames = keepFrames(db, "kill");
  await frames.running;
  await server.kill();
  await frames.failed;
  await server.start();
  await answersAgain(db);
  const before = frames.kept.length;
  while (frames.kept.length < before + 100) await new Promise((resolve) => setImmediate(resolve));
  await expectAll(db, await frames.ended());
});

test("keep() and query() end within their time limits when Postgres hangs, and go on when it is back", async () => {
  const db = open();
  const frames = keepFrames(db, "hang");
  await frames.running;
  const in_flight = db.query("select pg_sleep(0.5)");
  server.freeze();
  try {
    await expect(in_flight).rejects.toBeInstanceOf(PostgresDownError);
    await frames.failed;
    await expect(open().query("select 1")).rejects.toBeInstanceOf(PostgresDownError);
    await expect(db.probe(AbortSignal.timeout(100))).rejects.toBeInstanceOf(PostgresDownError);
  } finally {
    server.thaw();
  }
  await answersAgain(db);
  await expectAll(db, await frames.ended());
});

test("close() ends while Postgres hangs with a transaction open", async () => {
  const db = openPostgres(server.url, { name: "test", ...LIMITS });
  const holds = Promise.withResolvers<void>();
  const work = db.transaction(async (tx) => {
    await tx.query("select 1");
    holds.resolve();
    await tx.query("select pg_sleep(30)");
  });
  const outcome = expect(work).rejects.toBeInstanceOf(PostgresDownError);
  await holds.promise;
  server.freeze();
  try {
    await db.close();
    await outcome;
  } finally {
    server.thaw();
  }
});
