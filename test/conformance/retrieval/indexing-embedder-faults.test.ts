import { createEmbedder, type Embedder, ModelRefusedError } from "@gatehouse/models";
import { checkVectors, embedWaiting } from "@gatehouse/retrieval";
import { countWaiting, findDocument, type NewPassage, putPassages, removeDocument } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  addDocument,
  ask,
  book,
  embedAll,
  expectWhole,
  never,
  type RetrievalWorld,
  startRetrievalWorld,
} from "./retrieval-world.ts";

let world: RetrievalWorld;
beforeAll(async () => {
  world = await startRetrievalWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.clear());

const step = (embedder: Embedder | null = world.embedder) =>
  embedWaiting(world.db, world.vectors, embedder, { most: 64, signal: never });

/** The world's embedder under another name. */
const renamed = (name: string): Embedder => ({
  ...world.embedder,
  embed: async (texts, options) => {
    const embedded = await world.embedder.embed(texts, options);
    return { ...embedded, model: { ...embedded.model, name } };
  },
});

const event = (id: string, text: string): NewPassage => ({
  ...{ passage_id: id, collection: "events", kind: "event", document_id: null, position: 0, text, uri: null },
  ...{ user_id: null, camera_id: null, at_ms: 1 },
});

/** The world's embedder, which refuses a word. */
const refusing = (word: string): Embedder => ({
  ...world.embedder,
  embed: async (texts, options) => {
    if (texts.some((text) => text.includes(word))) throw new ModelRefusedError(`Cannot embed "${word}"`);
    return world.embedder.embed(texts, options);
  },
});

test("a passage that the embedder refuses is found by its words, and harms no other", async () => {
  await putPassages(world.db, [event("a", "A person"), event("b", "A zebra at the gate"), event("c", "A dog")]);
  expect(await step(refusing("zebra"))).toBe(0);
  await expectWhole(world);
  expect(await world.db.query("select passage_id, vector_error from passages where vector_error is not null")).toEqual([
    { passage_id: "b", vector_error: "MODEL_REFUSED" },
  ]);
  expect(await ask(world, "zebra")).toMatchObject([{ id: "b" }]);
  expect(await checkVectors(world.db, world.vectors, world.embedder, { signal: never })).toEqual({ reindexing: false });
});

test("a passage that is refused before there is any vector is refused for that model alone", async () => {
  await putPassages(world.db, [event("b", "A zebra at the gate")]);
  expect(await step(refusing("zebra"))).toBe(0);
  expect(await step(renamed("another model"))).toBe(0);
  await putPassages(world.db, [event("c", "A dog")]);
  while ((await step(renamed("another model"))) > 0);
  await expectWhole(world);
  expect(await world.db.query("select passage_id from passages where vector_error is null")).toHaveLength(2);
});

test("a passage that is too long for the embedder is embedded by its beginning", async () => {
  await putPassages(world.db, [event("a", "A person"), event("long", `zebra ${"word ".repeat(9_000)}`)]);
  await embedAll(world);
  await expectWhole(world);
  expect(await world.db.query("select passage_id from passages where vector_error is null")).toHaveLength(2);
});

test("an embedder that refuses whatever it is asked harms no passage", async () => {
  const document_id = await addDocument(world, "book.md", book(8));
  Object.assign(world.models.failures.embed, { error_rate: 1, status: 422 });
  await expect(step()).rejects.toMatchObject({ code: "EMBEDDER_UNUSABLE", retry: "later", dependency: "embedder" });
  Object.assign(world.models.failures.embed, { error_rate: 0, status: 500 });
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "indexing", embedded: 0 });
  await embedAll(world);
  await expectWhole(world);
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "ready", embedded: 8 });
});

test("what was removed goes wholly without an embedder, and while it is away", async () => {
  const remove = (document_id: string) => world.db.transaction((tx) => removeDocument(tx, document_id));
  const first = await addDocument(world, "book.md", book(6));
  await addDocument(world, "other.md", book(3, "gate"));
  await embedAll(world);
  await remove(first);
  const few = { most: 4, signal: never };
  expect(await embedWaiting(world.db, world.vectors, null, few)).toBe(2);
  expect(await embedWaiting(world.db, world.vectors, null, few)).toBe(0);
  await expectWhole(world);
  expect(await findDocument(world.db, first)).toBeNull();

  const second = await addDocument(world, "book.md", book(6));
  await embedAll(world);
  await remove(second);
  await addDocument(world, "third.md", book(1, "door"));
  const away = createEmbedder([{ kind: "tei", url: world.models.url }]);
  await away.close();
  expect(await embedWaiting(world.db, world.vectors, away, few)).toBe(3);
  await expect(embedWaiting(world.db, world.vectors, away, few)).rejects.toMatchObject({ code: "EMBEDDER_DOWN" });
  expect(await findDocument(world.db, second)).toBeNull();
});

test("an embedder that is down or broken costs nothing but time", async () => {
  await addDocument(world, "book.md", book(8));
  world.models.failures.embed.garbage = true;
  const broken = createEmbedder([{ kind: "tei", url: world.models.url, timeout_ms: 500 }], { first_delay_ms: 1 });
  await expect(step(broken)).rejects.toMatchObject({ code: "EMBEDDER_UNUSABLE", retry: "later" });
  world.models.failures.embed.garbage = false;
  await broken.close();
  await expect(step(broken)).rejects.toMatchObject({ code: "EMBEDDER_DOWN" });
  expect(await countWaiting(world.db)).toBe(8);
  await embedAll(world);
  await expectWhole(world);
});

test("without an embedder a document is ready once it is split, and found by its words", async () => {
  const document_id = await addDocument(world, "book.md", book(3));
  expect(await step(null)).toBe(0);
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "ready", passages: 3, embedded: 0 });
  expect((await ask(world, "camera of section 2"))[0]!.text).toContain("section 2");
});
