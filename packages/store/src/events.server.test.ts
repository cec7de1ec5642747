import type { CameraEvent } from "@gatehouse/events";
import { expect, test } from "vitest";
import {
  acknowledgeEvent,
  findEvent,
  findRevision,
  insertRevision,
  latestRevision,
  listEvents,
  listFeedback,
  markEventPublished,
  putFeedback,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { anEvent } from "./test-events.ts";

const { setup } = useDatabases();

const risk = (changes: Partial<CameraEvent["risk"]>) => ({ ...anEvent().risk, ...changes });

test("insertRevision() keeps the first of each revision, whoever writes from 16 connections", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const written = await Promise.all(
    Array.from({ length: 32 }, (_, i) => insertRevision(databases[i % 2]!, anEvent({ detection_count: i }), { i })),
  );
  expect(written.filter((won) => won)).toHaveLength(1);
  const winner = written.indexOf(true);
  const row = await findRevision(db, anEvent().event_id, 0);
  expect(row).toMatchObject({ event: anEvent({ detection_count: winner }), facts: { i: winner }, published_seq: null });
});

test("latestRevision() and findEvent() give the newest revision", async () => {
  const { db } = await setup();
  const { event_id } = anEvent();
  expect(await latestRevision(db, event_id)).toBeNull();
  expect(await findEvent(db, event_id)).toBeNull();
  for (const revision of [1, 0, 2]) await insertRevision(db, anEvent({ revision }));
  expect(await latestRevision(db, event_id)).toMatchObject({ revision: 2, facts: null });
  expect(await findEvent(db, event_id)).toMatchObject({ revision: 2, acknowledged_by: null });
});

test("markEventPublished() keeps the first mark", async () => {
  const { db } = await setup();
  await insertRevision(db, anEvent());
  await markEventPublished(db, anEvent().event_id, 0, 7);
  await markEventPublished(db, anEvent().event_id, 0, 8);
  expect(await findRevision(db, anEvent().event_id, 0)).toMatchObject({ published_seq: 7 });
});

test("listEvents() filters the newest revision of each event", async () => {
  const { db } = await setup();
  await insertRevision(db, anEvent({ event_id: "a", camera_id: "gate", started_at_ms: 10, labels: ["car"] }));
  await insertRevision(db, anEvent({ event_id: "b", started_at_ms: 20, risk: risk({ score: 90, level: "critical" }) }));
  const later = risk({ score: 10, level: "low", summary: "The neighbour was walking a dog" });
  await insertRevision(db, anEvent({ event_id: "b", revision: 1, started_at_ms: 20, risk: later }));
  await insertRevision(db, anEvent({ event_id: "c", started_at_ms: 30, risk: risk({ score: null, level: null }) }));
  const found = async (filter: object) =>
    (await listEvents(db, { limit: 9, ...filter })).items.map((row) => row.event_id).join("");
  expect(await found({})).toBe("cba");
  expect(await found({ camera_id: "gate" })).toBe("a");
  expect(await found({ label: "dog" })).toBe("cb");
  expect(await found({ level: "critical" })).toBe("");
  expect(await found({ level: "low" })).toBe("b");
  expect(await found({ min_score: 10 })).toBe("ba");
  expect(await found({ since_ms: 20, until_ms: 30 })).toBe("b");
  expect(await found({ text: "neighbour walks -cat" })).toBe("b");
  expect(await found({ text: "' & | ( :*" })).toBe("");
});

test("listEvents() pages through everything once", async () => {
  const { db } = await setup();
  for (let i = 0; i < 12; i++)
    await insertRevision(db, anEvent({ event_id: `e-${i}`, started_at_ms: 100 + Math.floor(i / 4) }));
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listEvents(db, { limit: 5, cursor: cursor ?? null });
    seen.push(...page.items.map(({ event_id }) => event_id));
    cursor = page.next_cursor;
  }
  expect(seen).toHaveLength(12);
  expect(new Set(seen).size).toBe(12);
  await expect(listEvents(db, { limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "BAD_CURSOR" });
});

test("acknowledgeEvent() counts the first one, putFeedback() the last of each person", async () => {
  const { db } = await setup();
  const { event_id } = anEvent();
  await insertRevision(db, anEvent());
  expect(await acknowledgeEvent(db, event_id, "ada", 5)).toBe(true);
  expect(await acknowledgeEvent(db, event_id, "bob", 6)).toBe(false);
  expect(await findEvent(db, event_id)).toMatchObject({ acknowledged_by: "ada", acknowledged_at_ms: 5 });
  const said = { event_id, by: "ada", verdict: "false_alarm", note: null, at_ms: 7 };
  await putFeedback(db, said);
  await putFeedback(db, { ...said, verdict: "correct", note: "sorry", at_ms: 8 });
  await putFeedback(db, { ...said, by: "bob", at_ms: 9 });
  expect(await listFeedback(db, event_id)).toEqual([
    { ...said, verdict: "correct", note: "sorry", at_ms: 8 },
    { ...said, by: "bob", at_ms: 9 },
  ]);
});
