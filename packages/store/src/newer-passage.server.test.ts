import { expect, test } from "vitest";
import { type NewPassage, putNewerPassage } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

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
