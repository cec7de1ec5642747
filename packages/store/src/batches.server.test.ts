import { expect, test } from "vitest";
import {
  batchMembers,
  closeBatch,
  createBatch,
  ensureCamera,
  extendBatch,
  findBatch,
  findMember,
  insertMember,
  lastClosedBatch,
  lockCamera,
  type NewBatch,
  openBatchOf,
  setBatchEvent,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { aSet } from "./test-events.ts";

const { setup } = useDatabases();

const aBatch = (changes: Partial<NewBatch> = {}): NewBatch => ({
  batch_id: "b-1",
  camera_id: "gate",
  opened_at_ms: 2_000,
  closes_at_ms: 92_000,
  started_at_ms: 1_000,
  last_at_ms: 1_000,
  detection_count: 1,
  labels: { person: 1 },
  confidence_sum: 0.9,
  max_confidence: 0.9,
  event_id: null,
  ...changes,
});

test("createBatch() refuses a second open batch of a camera", async () => {
  const { db } = await setup();
  const batch = await createBatch(db, aBatch());
  expect(batch).toEqual({ ...aBatch(), state: "open", closed_at_ms: null, close_reason: null });
  await expect(createBatch(db, aBatch({ batch_id: "b-2" }))).rejects.toMatchObject({ code: "23505" });
  await createBatch(db, aBatch({ batch_id: "b-3", camera_id: "yard" }));
  expect(await openBatchOf(db, "gate")).toEqual(batch);
});

test("extendBatch() replaces the totals of an open batch only", async () => {
  const { db } = await setup();
  await createBatch(db, aBatch());
  const totals = aBatch({ detection_count: 3, labels: { person: 2, dog: 1 }, last_at_ms: 5_000, event_id: "e" });
  expect(await extendBatch(db, "b-1", totals)).toMatchObject({ ...totals, state: "open" });
  await closeBatch(db, "b-1", "idle", 40_000);
  expect(await extendBatch(db, "b-1", aBatch())).toBeNull();
  expect(await findBatch(db, "b-1")).toMatchObject({ ...totals, state: "closed" });
});

test("closeBatch() closes once, whoever calls from 16 connections", async () => {
  const { db, another } = await setup();
  await createBatch(db, aBatch());
  const databases = [db, another()];
  const closed = await Promise.all(
    Array.from({ length: 32 }, (_, i) => closeBatch(databases[i % 2]!, "b-1", "timeout", i)),
  );
  expect(closed.filter((batch) => batch !== null)).toHaveLength(1);
  expect(await openBatchOf(db, "gate")).toBeNull();
});

test("lastClosedBatch() goes by captured time", async () => {
  const { db } = await setup();
  expect(await lastClosedBatch(db, "gate")).toBeNull();
  for (const [batch_id, last_at_ms] of [
    ["late", 9_000],
    ["early", 5_000],
  ] as const) {
    await createBatch(db, aBatch({ batch_id, last_at_ms }));
    await closeBatch(db, batch_id, "idle", 99_000);
  }
  await setBatchEvent(db, "late", "e-9");
  expect(await lastClosedBatch(db, "gate")).toMatchObject({ batch_id: "late", event_id: "e-9" });
});

test("insertMember() puts a frame into one batch only", async () => {
  const { db } = await setup();
  await createBatch(db, aBatch());
  await createBatch(db, aBatch({ batch_id: "b-2", camera_id: "yard" }));
  const member = (frame_id: string, captured_at_ms: number, batch_id = "b-1") => ({
    camera_id: "gate",
    frame_id,
    batch_id,
    captured_at_ms,
    boxes: 1,
    set: aSet({ camera_id: "gate", frame_id, captured_at_ms }),
  });
  expect(await insertMember(db, member("f-2", 20))).toBe(true);
  expect(await insertMember(db, member("f-1", 10))).toBe(true);
  expect(await insertMember(db, member("f-1", 10, "b-2"))).toBe(false);
  expect(await findMember(db, "gate", "f-1")).toEqual(member("f-1", 10));
  expect(await findMember(db, "gate", "f-3")).toBeNull();
  expect(await batchMembers(db, "b-1")).toEqual([member("f-1", 10), member("f-2", 20)]);
});

test("lockCamera() lets 16 transactions build one batch without losing a member", async () => {
  const { db, another } = await setup();
  await ensureCamera(db, { camera_id: "gate", at_ms: 1 });
  const databases = [db, another()];
  const take = (i: number) =>
    databases[i % 2]!.transaction(async (tx) => {
      await lockCamera(tx, "gate");
      const open = await openBatchOf(tx, "gate");
      if (!open) return void (await createBatch(tx, aBatch()));
      await extendBatch(tx, open.batch_id, { ...open, detection_count: open.detection_count + 1 });
    });
  await Promise.all(Array.from({ length: 40 }, (_, i) => take(i)));
  expect(await openBatchOf(db, "gate")).toMatchObject({ detection_count: 40 });
});
