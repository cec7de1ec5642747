import { chatMessage } from "@gatehouse/events";
import { expect, test } from "vitest";
import {
  acknowledgeEvent,
  claimRequest,
  closeBatch,
  countDead,
  createBatch,
  createDetectionStore,
  type Database,
  findBatch,
  findMember,
  forgetOld,
  insertMember,
  insertRevision,
  latestRevision,
  listFeedback,
  markEventPublished,
  putFeedback,
  takeInMessage,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { anEvent, aSet } from "./test-events.ts";

const { setup } = useDatabases();

async function writeEvent(db: Database, event_id: string, at_ms: number): Promise<void> {
  const camera_id = "gate";
  const totals = { detection_count: 1, labels: {}, confidence_sum: 1, max_confidence: 1, closes_at_ms: 0, event_id };
  const times = { opened_at_ms: at_ms, started_at_ms: at_ms, last_at_ms: at_ms };
  await createBatch(db, { batch_id: event_id, camera_id, ...times, ...totals });
  const set = aSet({ camera_id, frame_id: event_id });
  await insertMember(db, { camera_id, frame_id: event_id, batch_id: event_id, captured_at_ms: at_ms, boxes: 1, set });
  await closeBatch(db, event_id, "idle", at_ms);
  for (const revision of [0, 1]) {
    await insertRevision(db, anEvent({ event_id, revision, started_at_ms: at_ms }));
    await markEventPublished(db, event_id, revision, revision + 1);
  }
  await acknowledgeEvent(db, event_id, "ada", at_ms);
  await putFeedback(db, { event_id, by: "ada", verdict: "correct", note: null, at_ms });
}

test("forgetOld() removes an old event with its batch, members and feedback, and no newer one", async () => {
  const { db } = await setup();
  await writeEvent(db, "old", 100);
  await writeEvent(db, "new", 200);
  expect(await forgetOld(db, { events_before_ms: 200 }, 100)).toMatchObject({ events: 1, batches: 1 });
  expect(await latestRevision(db, "old")).toBeNull();
  expect(await findBatch(db, "old")).toBeNull();
  expect(await findMember(db, "gate", "old")).toBeNull();
  expect(await listFeedback(db, "old")).toEqual([]);
  expect(await latestRevision(db, "new")).toMatchObject({ revision: 1 });
  expect(await findMember(db, "gate", "new")).not.toBeNull();
  expect(await listFeedback(db, "new")).toHaveLength(1);
});

test("forgetOld() keeps what was not told yet, and what is old only by the camera's clock", async () => {
  const { db } = await setup();
  await writeEvent(db, "untold", 100);
  await insertRevision(db, anEvent({ event_id: "untold", revision: 2, started_at_ms: 100 }));
  await writeEvent(db, "slow-clock", 100);
  await db.query("update batches set closed_at_ms = 300 where batch_id = 'slow-clock'");
  await writeEvent(db, "no-event-yet", 100);
  await db.query("delete from events where event_id = 'no-event-yet'");
  await db.query("update batches set closed_at_ms = 300 where batch_id = 'no-event-yet'");
  expect(await forgetOld(db, { events_before_ms: 200 }, 100)).toMatchObject({ events: 0, batches: 0 });
});

test("forgetOld() removes a bounded number of rows, oldest first, until nothing is old", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      store.keep({ set: aSet({ frame_id: `f-${i}`, captured_at_ms: 1_000 + i }), sha256: "x" }),
    ),
  );
  const went: number[] = [];
  do went.push((await forgetOld(db, { detections_before_ms: 1_020 }, 8)).detections);
  while (went.at(-1) !== 0);
  expect(went).toEqual([8, 8, 4, 0]);
  expect((await store.list({ limit: 100 })).items).toHaveLength(5);
});

test("forgetOld() removes what was said long ago, but no answer that nobody was told of", async () => {
  const { db } = await setup();
  const not_yours = { code: "SESSION_NOT_YOURS", message: "", retryable: false };
  for (const request_id of ["told", "untold"]) {
    const message = { ...chatMessage.example, request_id, session_id: request_id };
    await takeInMessage(db, { message, refused: null, not_yours, trace: {} });
  }
  await db.query("update answers set state = 'done', told_at_ms = 1 where request_id = 'told'");
  expect(await forgetOld(db, { chats_before_ms: Date.now() - 60_000 }, 100)).toMatchObject({ chats: 0 });
  expect(await forgetOld(db, { chats_before_ms: Date.now() + 60_000 }, 100)).toMatchObject({ chats: 2 });
  expect(await db.query("select request_id from answers")).toEqual([{ request_id: "untold" }]);
  expect(await db.query("select 1 from chat_messages union all select 1 from chat_sessions")).toEqual([]);
});

test("forgetOld() leaves every kind alone for which no time is given", async () => {
  const { db } = await setup();
  await writeEvent(db, "old", 100);
  await claimRequest(db, "r-1", "ada");
  await countDead(db, "gate", "TRUNCATED", 1);
  const none = { detections: 0, scene_changes: 0, events: 0, batches: 0 };
  const nothing = { ...none, requests: 0, dead_counts: 0, spending: 0, runs: 0, chats: 0, logins: 0 };
  expect(await forgetOld(db, {}, 100)).toEqual(nothing);
  const now_ms = Date.now() + 60_000;
  const ages = { requests_before_ms: now_ms, dead_counts_before_ms: now_ms };
  expect(await forgetOld(db, ages, 100)).toEqual({ ...nothing, requests: 1, dead_counts: 1 });
});
