import type { Embedder } from "@gatehouse/models";
import { checkVectors, embedWaiting, reindex, splitDocument } from "@gatehouse/retrieval";
import {
  countWaiting,
  findDocument,
  listDocuments,
  putDocument,
  putPassages,
  removeDocument,
  type VectorStore,
  vectorSets,
} from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import {
  addDocument,
  ask,
  book,
  embedAll,
  expectWhole,
  never,
  putBook,
  type RetrievalWorld,
  startRetrievalWorld,
} from "./retrieval-world.ts";

let world: RetrievalWorld;
beforeAll(async () => {
  world = await startRetrievalWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.clear());

/** The world's vectors, with something happening before a call of one kind is made. */
function meddled(call: keyof VectorStore, meddle: () => Promise<unknown>): VectorStore {
  return new Proxy(world.vectors, {
    get:
      (store, name: keyof VectorStore) =>
      async (...given: never[]) => {
        if (name === call) await meddle();
        return (store[name] as (...given: never[]) => Promise<unknown>).apply(store, given);
      },
  });
}

/** The world's embedder, with something happening while it works, and perhaps under another name. */
function embedderWhile(meddle: () => Promise<unknown>, name?: string): Embedder {
  return {
    ...world.embedder,
    embed: async (texts, options) => {
      const embedded = await world.embedder.embed(texts, options);
      await meddle();
      return name === undefined ? embedded : { ...embedded, model: { ...embedded.model, name } };
    },
  };
}

const step = (embedder: Embedder | null = world.embedder, vectors = world.vectors) =>
  embedWaiting(world.db, vectors, embedder, { most: 64, signal: never });

test("a document goes from waiting over indexing to ready, and tells how far it is", async () => {
  const document_id = await putBook(world, book(10));
  const state = async () => await findDocument(world.db, document_id);
  expect(await state()).toMatchObject({ state: "waiting", passages: 0, embedded: 0 });
  expect(await splitDocument(world.db, document_id, { signal: never })).toBe("split");
  expect(await state()).toMatchObject({ state: "indexing", title: "Section 0", passages: 10, embedded: 0 });
  const left = await embedWaiting(world.db, world.vectors, world.embedder, { most: 4, signal: never });
  expect(left).toBe(6);
  expect(await state()).toMatchObject({ state: "indexing", passages: 10, embedded: 4 });
  await embedAll(world);
  expect(await state()).toMatchObject({ state: "ready", passages: 10, embedded: 10, error: null });
  await expectWhole(world);
  expect(await splitDocument(world.db, document_id, { signal: never })).toBe("superseded");
});

test("putting the same document again changes nothing, and another text costs only what changed", async () => {
  const document_id = await putBook(world, book(10));
  await splitDocument(world.db, document_id, { signal: never });
  await embedAll(world);
  const again = await world.db.transaction((tx) =>
    putDocument(tx, {
      collection: "documents",
      uri: "book.md",
      title: "Section 0",
      media_type: "text/markdown",
      body: Buffer.from(book(10)),
      user_id: null,
    }),
  );
  expect(again).toEqual({ document_id, state: "ready", unchanged: true });
  await putBook(world, book(10).replaceAll("section 7", "chapter seven"));
  await splitDocument(world.db, document_id, { signal: never });
  expect(await countWaiting(world.db)).toBe(2);
  await embedAll(world);
  await expectWhole(world);
  expect((await ask(world, "chapter seven"))[0]!.text).toContain("chapter seven");
});

test("a document that cannot be read fails for good, says why, and is tried again when it is put again", async () => {
  const document_id = await addDocument(world, "a.pdf", "%PDF-1.7 broken", { media_type: "application/pdf" });
  expect(await findDocument(world.db, document_id)).toMatchObject({
    state: "failed",
    error: { code: "DOCUMENT_UNREADABLE" },
  });
  await addDocument(world, "a.pdf", "now it is text", { media_type: "text/plain" });
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "indexing", error: null, passages: 1 });
});

test("a document that fails in a way that nobody foresaw waits for the next try, and fails with the last", async () => {
  await world.db.query("alter table passages add constraint unforeseen check (text not like '%unkeepable%')");
  onTestFinished(async () => void (await world.db.query("alter table passages drop constraint unforeseen")));
  const document_id = await putBook(world, "This is unkeepable");
  const split = (is_last_attempt: boolean) => splitDocument(world.db, document_id, { signal: never, is_last_attempt });
  await expect(split(false)).rejects.toThrow("unforeseen");
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "waiting" });
  await expect(split(true)).rejects.toThrow("unforeseen");
  const error = { code: "DOCUMENT_UNREADABLE", message: expect.stringMatching(/unexpected/) };
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "failed", error });
});

test("a broken document takes the place of the one before: what it said is no longer found", async () => {
  await addDocument(world, "a", "The spare key lies under the pot", { media_type: "text/plain" });
  await embedAll(world);
  await addDocument(world, "a", "no pdf", { media_type: "application/pdf" });
  expect(await ask(world, "spare key")).toEqual([]);
  await embedAll(world);
  await expectWhole(world);
});

test("a document that is replaced while it is embedded keeps no vector of what it said before", async () => {
  const document_id = await addDocument(world, "book.md", book(8));
  await step(
    embedderWhile(async () => {
      await putBook(world, book(8, "gate"));
      await splitDocument(world.db, document_id, { signal: never });
    }),
  );
  await embedAll(world);
  await expectWhole(world);
  expect((await ask(world, "the gate of section 3"))[0]!.text).toContain("The gate of section 3");
  expect(await world.db.query("select 1 from passages where text like '%camera%'")).toEqual([]);
});

test("a document that is removed while it is embedded, or right before its vectors are written, leaves none", async () => {
  const first = await addDocument(world, "book.md", book(4));
  const remove = (document_id: string) => world.db.transaction((tx) => removeDocument(tx, document_id));
  await step(
    embedderWhile(async () => {
      await remove(first);
      await step();
    }),
  );
  const second = await addDocument(world, "other.md", book(4));
  let removed: Promise<boolean> = Promise.resolve(false);
  await step(
    world.embedder,
    meddled("upsert", async () => {
      removed = remove(second);
    }),
  );
  expect(await removed).toBe(true);
  await addDocument(world, "third.md", book(1));
  await embedAll(world);
  await expectWhole(world);
  expect((await listDocuments(world.db, { limit: 10 })).items).toHaveLength(1);
});

test("an event whose text changes while it is embedded waits for a vector of the new text", async () => {
  const revise = (text: string) =>
    putPassages(world.db, [
      {
        passage_id: "event.gate.1",
        collection: "events",
        kind: "event",
        document_id: null,
        position: 0,
        text,
        uri: null,
        user_id: null,
        camera_id: "gate",
        at_ms: 1,
      },
    ]);
  await revise("A person at the gate");
  expect(await step(embedderWhile(() => revise("A person with a parcel at the gate")))).toBe(1);
  expect(await step()).toBe(0);
  await expectWhole(world);
});

test("two processes that index at once end with every vector once", async () => {
  for (let i = 0; i < 4; i++) await addDocument(world, `book-${i}.md`, book(6, `word${i}`));
  await Promise.all([embedAll(world), embedAll(world), embedAll(world)]);
  await expectWhole(world);
});

test("another model embeds everything anew, and what it has not reached is found by its words", async () => {
  await addDocument(world, "book.md", book(8));
  await embedAll(world);
  const [before] = await vectorSets(world.db);
  const other = embedderWhile(async () => undefined, "another model");
  expect(await checkVectors(world.db, world.vectors, world.embedder, { signal: never })).toEqual({ reindexing: false });
  expect(await checkVectors(world.db, world.vectors, other, { signal: never })).toEqual({ reindexing: true });
  expect(await countWaiting(world.db)).toBe(8);
  expect(await embedWaiting(world.db, world.vectors, other, { most: 3, signal: never })).toBe(5);
  expect((await ask({ ...world, embedder: other }, "camera of section 7"))[0]!.text).toContain("section 7");
  while ((await step(other)) > 0);
  await expectWhole(world);
  expect(await world.vectors.count(before!.name)).toBe(0);
});

test("a model that changes between two steps is noticed by its answers alone", async () => {
  await addDocument(world, "book.md", book(8));
  await embedWaiting(world.db, world.vectors, world.embedder, { most: 3, signal: never });
  const other = embedderWhile(async () => undefined, "another model");
  while ((await step(other)) > 0);
  await expectWhole(world);
  expect((await vectorSets(world.db)).map(({ model }) => model)).toEqual(["another model"]);
});

test("vectors that are lost are made again after the next look", async () => {
  await addDocument(world, "book.md", book(8));
  await embedAll(world);
  const [set] = await vectorSets(world.db);
  await world.vectors.drop(set!.name);
  expect(await checkVectors(world.db, world.vectors, world.embedder, { signal: never })).toEqual({ reindexing: true });
  expect(await checkVectors(world.db, world.vectors, world.embedder, { signal: never })).toEqual({ reindexing: false });
  await embedAll(world);
  await expectWhole(world);
});

test("reindex() makes vectors anew where they are, of one collection or all", async () => {
  await addDocument(world, "a.md", book(3));
  await addDocument(world, "b.md", book(3, "gate"), { collection: "cellar" });
  await embedAll(world);
  expect(await reindex(world.db, "cellar")).toEqual({ passages: 3 });
  expect(await reindex(world.db, null)).toEqual({ passages: 3 });
  expect((await ask(world, "gate of section 1"))[0]).toMatchObject({ collection: "cellar" });
  await embedAll(world);
  await expectWhole(world);
});
