import { expect, test } from "vitest";
import {
  eventPassageId,
  insertRevision,
  type NewPassage,
  putNewerPassage,
  putPassages,
  removeEventPassages,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { anEvent } from "./test-events.ts";

const { setup } = useDatabases();

const revision = (position: number): NewPassage => ({
  passage_id: "event.gate.f-1",
  collection: "events",
  kind: "event",
  document_id: null,
  position,
  text: `revision ${position}`,
  uri: null,
  user_id: null,
  camera_id: "gate",
  at_ms: 1,
});

test("putNewerPassage() leaves the newest revision, whatever the order and however many write at once", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const order = [3, 0, 5, 5, 1, 4, 2, 0, 5, 3];
  await Promise.all(
    order.map((position, i) => databases[i % 2]!.transaction((tx) => putNewerPassage(tx, revision(position)))),
  );
  expect(await db.query("select position, text from passages")).toEqual([{ position: 5, text: "revision 5" }]);
});

test("putNewerPassage() says whether it wrote", async () => {
  const { db } = await setup();
  const put = (position: number) => db.transaction((tx) => putNewerPassage(tx, revision(position)));
  expect([await put(1), await put(1), await put(0), await put(2)]).toEqual([true, false, false, true]);
});

test("removeEventPassages() spares what is kept as an event, however old it says it is", async () => {
  const { db } = await setup();
  const passage = (event_id: string, at_ms: number) => ({
    ...revision(0),
    passage_id: eventPassageId(event_id),
    at_ms,
  });
  await putPassages(db, [passage("gone", 10), passage("slow-clock", 10), passage("young", 20)]);
  await insertRevision(db, anEvent({ event_id: "slow-clock", started_at_ms: 10 }));
  expect(await removeEventPassages(db, { before_ms: 20, most: 10 })).toBe(1);
  expect(await db.query("select passage_id from passages where removed")).toEqual([{ passage_id: "event.gone" }]);
});
