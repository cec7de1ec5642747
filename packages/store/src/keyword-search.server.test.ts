import { expect, test } from "vitest";
import { type Database, keywordSearch, type NewPassage, putPassages, removePassages } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

const passage = (passage_id: string, text: string, more: Partial<NewPassage> = {}): NewPassage => ({
  ...{ passage_id, text, collection: "documents", kind: "document", document_id: null, position: 0, uri: null },
  ...{ user_id: null, camera_id: null, at_ms: null },
  ...more,
});
const found = async (db: Database, text: string, limit = 10, collection: string | null = null) =>
  (await keywordSearch(db, { text, viewer: { user_id: "ada", events: true }, collection, limit })).map(
    ({ passage_id }) => passage_id,
  );

test("keywordSearch() needs one word only, and weighs words by how rare they are", async () => {
  const { db } = await setup();
  const common = Array.from({ length: 20 }, (_, i) => passage(`c-${i}`, `the camera and the gate of house ${i}`));
  await putPassages(db, [...common, passage("rare", "a camera in the greenhouse")]);
  expect((await found(db, "Which cameras watch the gates, or the greenhouse?"))[0]).toBe("rare");
  expect(await found(db, "camera", 5)).toHaveLength(5);
  expect(await found(db, "submarine")).toEqual([]);
});

test("keywordSearch() finds other forms of a word, whatever its accents, punctuation and script", async () => {
  const { db } = await setup();
  await putPassages(db, [
    passage("en", "The batteries are charging"),
    passage("de", "Die Tür zum Keller klemmt"),
    passage("file", "It is written in gatehouse.yaml under max_ack_pending"),
    passage("ja", "予備の鍵は田中さんが持っています"),
  ]);
  expect(await found(db, "battery charged")).toEqual(["en"]);
  expect(await found(db, "TUR?")).toEqual(["de"]);
  expect(await found(db, "gatehouse")).toEqual(["file"]);
  expect(await found(db, "max ack pending")).toEqual(["file"]);
  expect(await found(db, "田中")).toEqual(["ja"]);
});

test("keywordSearch() tells which part of the question a passage covers", async () => {
  const { db } = await setup();
  await putPassages(db, [passage("all", "red van gate"), passage("one", "red roses"), passage("none", "blue")]);
  const viewer = { user_id: "ada", events: true };
  const hits = await keywordSearch(db, { text: "the red van at the gate", viewer, collection: null, limit: 10 });
  expect(hits.map(({ passage_id }) => passage_id)).toEqual(["all", "one"]);
  expect(hits[0]!.coverage).toBeCloseTo(1);
  expect(hits[1]!.coverage).toBeLessThan(0.5);
});

test("keywordSearch() lets a word that no passage has weigh no more than those that some have", async () => {
  const { db } = await setup();
  const events = Array.from({ length: 20 }, (_, i) => passage(`e-${i}`, `a person at the gate, camera ${i}`));
  await putPassages(db, [...events, passage("cat", "a cat in the garden")]);
  const viewer = { user_id: "ada", events: true };
  const asked = { text: "What happened at the gate?", viewer, collection: null, limit: 1 };
  expect((await keywordSearch(db, asked))[0]!.coverage).toBeCloseTo(0.5);
});

test("keywordSearch() finds nothing by words that everything has none of: stop words, marks, nothing", async () => {
  const { db } = await setup();
  await putPassages(db, [passage("a", "who was it and where")]);
  for (const text of ["", "who was it?", "' | & ! <-> \\ :*", "\u0000"]) expect(await found(db, text)).toEqual([]);
});

test("keywordSearch() finds what the viewer may see, in the collection asked for, and nothing removed", async () => {
  const { db } = await setup();
  const event = { kind: "event", collection: "events" } as const;
  const turn = { kind: "turn", collection: "events" } as const;
  await putPassages(db, [
    passage("doc", "gate"),
    passage("seen", "gate", event),
    passage("ada's", "gate", { ...turn, user_id: "ada" }),
    passage("bob's", "gate", { ...turn, user_id: "bob" }),
    passage("gone", "gate"),
  ]);
  await removePassages(db, ["gone"]);
  expect((await found(db, "gate")).toSorted()).toEqual(["ada's", "doc", "seen"]);
  expect((await found(db, "gate", 10, "events")).toSorted()).toEqual(["ada's", "seen"]);
  const hits = await keywordSearch(db, {
    text: "gate",
    viewer: { user_id: "eve", events: false },
    collection: null,
    limit: 9,
  });
  expect(hits.map(({ passage_id }) => passage_id)).toEqual(["doc"]);
});

test("keywordSearch() finds common words together among thousands that have one of them, with and without statistics", async () => {
  const { db } = await setup();
  const many = Array.from({ length: 6_000 }, (_, i) =>
    passage(`p-${i}`, i % 2 ? `person garden ${i}` : `parcel door ${i}`),
  );
  await putPassages(db, [...many, passage("both", "a person with a parcel")]);
  expect((await found(db, "person parcel"))[0]).toBe("both");
  await db.query("analyze passages");
  expect((await found(db, "person parcel"))[0]).toBe("both");
  expect(await found(db, `person parcel ${Array.from({ length: 500 }, (_, i) => `word${i}`).join(" ")}`)).not.toEqual(
    [],
  );
});
