import { expect, test } from "vitest";
import {
  type Database,
  findDocument,
  findPassages,
  hasCollection,
  listCollections,
  listDocuments,
  type NewDocument,
  type NewPassage,
  putDocument,
  putPassages,
  removeDocument,
  removePassagesBefore,
  settleDocument,
  waitingBody,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

const document = (uri: string, more: Partial<NewDocument> = {}): NewDocument => ({
  ...{
    collection: "documents",
    uri,
    title: null,
    media_type: "text/plain",
    body: Buffer.from("words"),
    user_id: "ada",
  },
  ...more,
});
const passage = (passage_id: string, more: Partial<NewPassage> = {}): NewPassage => ({
  ...{
    passage_id,
    text: "words",
    collection: "documents",
    kind: "document",
    document_id: null,
    position: 0,
    uri: null,
  },
  ...{ user_id: null, camera_id: null, at_ms: null },
  ...more,
});
const put = (db: Database, given: NewDocument) => db.transaction((tx) => putDocument(tx, given));

test("putDocument() keeps one document for each place, and says whether anything is to be done", async () => {
  const { db } = await setup();
  const first = await put(db, document("a.txt"));
  expect(first).toMatchObject({ state: "waiting", unchanged: false });
  expect(await put(db, document("a.txt"))).toEqual({ ...first, unchanged: true });
  let now = document("a.txt");
  for (const changed of [{ body: Buffer.from("other") }, { media_type: "text/markdown" }, { title: "A" }]) {
    now = { ...now, ...changed };
    expect(await put(db, now)).toEqual(first);
    expect(await put(db, now)).toEqual({ ...first, unchanged: true });
  }
  const elsewhere = await put(db, document("a.txt", { collection: "cellar" }));
  expect(elsewhere.document_id).not.toBe(first.document_id);
});

test("putDocument() leaves a document alone that did not change, with the title that was read in it", async () => {
  const { db } = await setup();
  const markdown = (text: string, title: string | null = null) =>
    put(db, document("file:///gate.md", { body: Buffer.from(text), media_type: "text/markdown", title }));
  const { document_id } = await markdown("# Gate");
  const { sha256 } = (await findDocument(db, document_id))!;
  await db.transaction((tx) => settleDocument(tx, { document_id, sha256 }, { state: "indexing", title: "Gate" }));
  expect(await markdown("# Gate")).toEqual({ document_id, state: "indexing", unchanged: true });
  expect(await findDocument(db, document_id)).toMatchObject({ title: "Gate" });
  expect(await markdown("# Gate", "The gate")).toMatchObject({ state: "waiting", unchanged: false });
  expect(await markdown("# Door")).toMatchObject({ state: "waiting", unchanged: false });
  expect(await findDocument(db, document_id)).toMatchObject({ title: null });
});

test("putDocument() of many at once ends with one row", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const all = await Promise.all(Array.from({ length: 16 }, (_, i) => put(databases[i % 2]!, document("a.txt"))));
  expect(all.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
  expect((await listDocuments(db, { limit: 10 })).items).toHaveLength(1);
});

test("waitingBody() gives what there is to read, byte for byte, until it is removed", async () => {
  const { db } = await setup();
  const body = Buffer.from([0, 255, 37, 80]);
  const { document_id } = await put(db, document("a.pdf", { body }));
  expect(Buffer.from((await waitingBody(db, document_id))!.body)).toEqual(body);
  expect(await removeDocument(db, document_id)).toBe(true);
  expect(await removeDocument(db, document_id)).toBe(false);
  expect(await waitingBody(db, document_id)).toBeNull();
  expect(await findDocument(db, document_id)).toMatchObject({ state: "removing" });
  expect(await put(db, document("a.pdf", { body }))).toMatchObject({ state: "waiting", unchanged: false });
});

test("listDocuments() goes through all of a collection, page by page", async () => {
  const { db } = await setup();
  for (let i = 0; i < 5; i++) await put(db, document(`${i}.txt`, { collection: i === 4 ? "cellar" : "documents" }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listDocuments>> = await listDocuments(db, {
      collection: "documents",
      limit: 2,
      cursor,
    });
    seen.push(...page.items.map(({ uri }) => uri));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen.toSorted()).toEqual(["0.txt", "1.txt", "2.txt", "3.txt"]);
  await expect(listDocuments(db, { limit: 2, cursor: "nonsense" })).rejects.toMatchObject({ code: "BAD_CURSOR" });
});

test("listCollections() counts what is in each, and names the two that always are", async () => {
  const { db } = await setup();
  await put(db, document("a.txt", { collection: "cellar" }));
  await putPassages(db, [passage("1", { collection: "cellar" }), passage("2", { collection: "cellar" })]);
  expect(await listCollections(db)).toEqual([
    { name: "cellar", documents: 1, passages: 2 },
    { name: "documents", documents: 0, passages: 0 },
    { name: "events", documents: 0, passages: 0 },
  ]);
  expect([await hasCollection(db, "cellar"), await hasCollection(db, "attic")]).toEqual([true, false]);
});

test("putPassages() keeps a text that Postgres cannot hold as near as it can be, and its tokens", async () => {
  const { db } = await setup();
  await putPassages(db, [passage("a", { text: "a\u0000b\ud800c 'quoted' \\ {json}" })]);
  const [row] = await findPassages(db, ["a"], { user_id: "ada", events: true });
  expect(row).toMatchObject({ text: "ab\ufffdc 'quoted' \\ {json}", tokens: 6 });
});

test("removePassagesBefore() takes away what is old of one kind, so many at a time", async () => {
  const { db } = await setup();
  const event = (at_ms: number) => passage(`e-${at_ms}`, { kind: "event", collection: "events", at_ms });
  await putPassages(db, [event(1), event(2), event(3), passage("t", { kind: "turn", user_id: "ada", at_ms: 1 })]);
  const remove = () => removePassagesBefore(db, { kind: "event", before_ms: 3, most: 1 });
  expect([await remove(), await remove(), await remove()]).toEqual([1, 1, 0]);
  const rows = await findPassages(db, ["e-1", "e-2", "e-3", "t"], { user_id: "ada", events: true });
  expect(rows.map(({ passage_id }) => passage_id).toSorted()).toEqual(["e-3", "t"]);
});
