import { expect, test } from "vitest";
import { acquireLease, releaseLease, renewLease } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();
const LONG_MS = 600_000;

test("acquireLease() gives a lease to one of 16 connections, also when all have the same name", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const got = await Promise.all(
    Array.from({ length: 64 }, (_, i) => acquireLease(databases[i % 2]!, "folder", "same", LONG_MS)),
  );
  expect(got.filter((lease) => lease !== null)).toEqual([{ epoch: 1 }]);
});

test("acquireLease() raises the epoch when a lease has ended, and the old holder is refused", async () => {
  const { db } = await setup();
  const old = await acquireLease(db, "rtsp", "a", 0);
  const now = await acquireLease(db, "rtsp", "b", LONG_MS);
  expect(now!.epoch).toBe(old!.epoch + 1);
  expect(await renewLease(db, "rtsp", "a", old!.epoch, LONG_MS)).toBe(false);
  await releaseLease(db, "rtsp", "a", old!.epoch);
  expect(await renewLease(db, "rtsp", "b", now!.epoch, LONG_MS)).toBe(true);
});

test("renewLease() refuses a lease that has ended, even when nobody took it", async () => {
  const { db } = await setup();
  const lease = await acquireLease(db, "cron", "a", 0);
  expect(await renewLease(db, "cron", "a", lease!.epoch, LONG_MS)).toBe(false);
});

test("releaseLease() lets the next one in at once, with a higher epoch", async () => {
  const { db } = await setup();
  const first = await acquireLease(db, "cron", "a", LONG_MS);
  expect(await acquireLease(db, "cron", "b", LONG_MS)).toBeNull();
  await releaseLease(db, "cron", "a", first!.epoch);
  expect(await acquireLease(db, "cron", "b", LONG_MS)).toEqual({ epoch: 2 });
});
