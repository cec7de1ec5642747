import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmbedder, type Embedder } from "@gatehouse/models";
import { createRetriever } from "@gatehouse/retrieval";
import { createKey, type NewPassage, openVectors, putPassages, removeDocument, revokeKey } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDocument, ask, embedAll, never, type RetrievalWorld, startRetrievalWorld } from "./retrieval-world.ts";

let world: RetrievalWorld;
beforeAll(async () => {
  world = await startRetrievalWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.clear());

const BOILER = "# Boiler\n\nTo restart the boiler hold the red button for five seconds. The pressure must be 1.5 bar.";
const GATE = "# Gate\n\nThe garden gate opens with the code 4711. Its motor wants grease every spring.";

const seen = (id: string, text: string): NewPassage => ({
  ...{ passage_id: id, collection: "events", kind: "event", document_id: null, position: 0, text, uri: null },
  ...{ user_id: null, camera_id: "gate", at_ms: 1_763_000_000_000 },
});
const said = (user_id: string, text: string): NewPassage => ({
  ...seen(`turn.${user_id}`, text),
  kind: "turn",
  user_id,
  camera_id: null,
});

test("find() finds the document that answers, with where it stands, by words alone before it is embedded", async () => {
  await addDocument(world, "notes/boiler.md", BOILER);
  await addDocument(world, "notes/gate.md", GATE);
  const before = await ask(world, "How do I restart the boiler?");
  await embedAll(world);
  const after = await ask(world, "How do I restart the boiler?");
  for (const found of [before, after])
    expect(found[0]).toMatchObject({ kind: "document", collection: "documents", uri: "notes/boiler.md", at_ms: null });
  expect(after[0]!.text).toContain("hold the red button");
});

test("find() puts what the reranker likes best first, with its score", async () => {
  await addDocument(world, "a.md", GATE);
  await addDocument(world, "b.md", BOILER);
  await embedAll(world);
  const found = await ask(world, "code of the garden gate", { rerank: true });
  expect(found[0]).toMatchObject({ uri: "a.md" });
  expect(found[0]!.score).toBeGreaterThan(0.2);
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
});

test("find() finds nothing where nothing is relevant, nothing is there, or nothing is asked", async () => {
  expect(await ask(world, "boiler")).toEqual([]);
  await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  for (const rerank of [true, false]) {
    expect(await ask(world, "Quantenphysik zwischen Zwergplaneten", { rerank })).toEqual([]);
    expect(await ask(world, "", { rerank })).toEqual([]);
    expect(await ask(world, "?!\u0000 …", { rerank })).toEqual([]);
  }
});

test("find() gives top_k passages at most, and those of the collection that was named", async () => {
  for (let i = 0; i < 8; i++)
    await addDocument(world, `boiler-${i}.md`, `${BOILER} Number ${i}.`, {
      collection: i < 6 ? "documents" : "cellar",
    });
  await embedAll(world);
  expect(await ask(world, "restart the boiler", { top_k: 3 })).toHaveLength(3);
  expect((await ask(world, "restart the boiler", { collection: "cellar" })).map(({ uri }) => uri).toSorted()).toEqual([
    "boiler-6.md",
    "boiler-7.md",
  ]);
  expect(await ask(world, "restart the boiler", { collection: "attic" })).toEqual([]);
});

test("find() gives a user its own turns, and nobody else's", async () => {
  await putPassages(world.db, [
    said("ada", "Asked: where is the spare key? Answered: under the pot"),
    said("bob", "Asked: where is the spare key? Answered: bob hid it"),
  ]);
  await embedAll(world);
  expect((await ask(world, "spare key")).map(({ id }) => id)).toEqual(["turn.ada"]);
  expect((await ask(world, "spare key", { user_id: "bob" })).map(({ id }) => id)).toEqual(["turn.bob"]);
  expect(await ask(world, "spare key", { user_id: "eve" })).toEqual([]);
});

test("find() gives security events to everybody but a user whose keys are all revoked", async () => {
  await putPassages(world.db, [seen("event.gate.1", "A person with a parcel at the gate")]);
  await embedAll(world);
  const { key } = await createKey(world.db, { role: "viewer", user_id: "eve", label: "phone" });
  const found = async (user_id: string) => (await ask(world, "who had a parcel?", { user_id })).map(({ id }) => id);
  expect([await found("ada"), await found("eve")]).toEqual([["event.gate.1"], ["event.gate.1"]]);
  await revokeKey(world.db, key.key_id);
  expect([await found("ada"), await found("eve")]).toEqual([["event.gate.1"], []]);
});

test("find() no longer finds a removed document, at once", async () => {
  const document_id = await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  expect(await ask(world, "restart the boiler")).toHaveLength(1);
  expect(await world.db.transaction((tx) => removeDocument(tx, document_id))).toBe(true);
  expect(await ask(world, "restart the boiler")).toEqual([]);
});

test("find() does without models and vectors that are away, and tells", async () => {
  await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  const { db, embedder, reranker, models } = world;
  const vectors = openVectors({ home: "", qdrant_url: "http://127.0.0.1:9" });
  const faults: string[] = [];
  const settings = { candidates: 50, min_relevance: 0, min_rerank_score: 0, model_timeout_ms: 300 };
  const parts = { db, embedder, reranker, settings, onFault: ({ code }: { code: string }) => void faults.push(code) };
  const query = { text: "restart the boiler", user_id: "ada", collection: null, top_k: 5, rerank: true };
  models.failures.rerank.error_rate = 1;
  const without_vectors = await createRetriever({ ...parts, vectors }).find(query, { signal: never });
  models.failures.rerank.error_rate = 0;
  models.failures.embed.hang = true;
  const without_embedder = await createRetriever({ ...parts, vectors: world.vectors }).find(query, { signal: never });
  models.failures.embed.hang = false;
  await vectors.close();
  for (const found of [without_vectors, without_embedder]) expect(found).toMatchObject([{ uri: "notes/boiler.md" }]);
  expect(faults.toSorted()).toEqual(["MODEL_ANSWER", "MODEL_TIMEOUT", "VECTORS_DOWN"]);
});

test("find() finds by vectors where the embedder is too slow to tell what unrelated texts are like", async () => {
  await putPassages(world.db, [seen("event.gate.1", "boiler")]);
  await embedAll(world);
  const { models } = world;
  const real = createEmbedder([{ kind: "tei", url: models.url }]);
  const asked: number[] = [];
  const embedder: Embedder = {
    probe: (signal) => real.probe(signal),
    close: () => real.close(),
    embed: (texts, options) => {
      asked.push(texts.length);
      models.failures.embed.hang = texts.length > 1;
      return real.embed(texts, options);
    },
  };
  const faults: string[] = [];
  const settings = { candidates: 50, min_relevance: 0.1, min_rerank_score: 0, model_timeout_ms: 500 };
  const onFault = ({ code }: { code: string }) => void faults.push(code);
  const retriever = createRetriever({ ...world, embedder, settings, onFault });
  const query = { text: "boilers", user_id: "ada", collection: null, top_k: 5, rerank: false };
  await retriever.find(query, { signal: never });
  await retriever.find(query, { signal: never });
  models.failures.embed.hang = false;
  expect([faults, asked]).toEqual([[], [1, 12, 1]]);
  await embedder.close();
});

test("find() waits for vectors no longer than for models, and finds by words then", async () => {
  await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const vectors = openVectors({ home: "", qdrant_url: `http://127.0.0.1:${port}` });
  const faults: string[] = [];
  const settings = { candidates: 50, min_relevance: 0, min_rerank_score: 0, model_timeout_ms: 300 };
  const onFault = ({ message }: Error) => void faults.push(message);
  const retriever = createRetriever({ ...world, vectors, reranker: null, settings, onFault });
  const query = { text: "restart the boiler", user_id: "ada", collection: null, top_k: 5, rerank: false };
  expect(await retriever.find(query, { signal: never })).toMatchObject([{ uri: "notes/boiler.md" }]);
  expect(faults).toEqual(["Cannot search the vectors as they must answer within 300 ms"]);
  await vectors.close();
  server.close();
  server.closeAllConnections();
});

test("find() holds passages to one limit by a reranker's score, to another without", async () => {
  await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  const uris = async (limits: { min_relevance: number; min_rerank_score: number }, rerank: boolean) => {
    const retriever = createRetriever({ ...world, settings: { candidates: 50, model_timeout_ms: 3_000, ...limits } });
    const query = { text: "restart the boiler", user_id: "ada", collection: null, top_k: 5, rerank };
    return (await retriever.find(query, { signal: never })).map(({ uri }) => uri);
  };
  const strict = { min_relevance: 0, min_rerank_score: 1.1 };
  expect([await uris(strict, true), await uris(strict, false)]).toEqual([[], ["notes/boiler.md"]]);
});

test("find() throws the signal's reason", async () => {
  const { db, vectors, embedder, reranker } = world;
  const retriever = createRetriever({
    db,
    vectors,
    embedder,
    reranker,
    settings: { candidates: 50, min_relevance: 0, min_rerank_score: 0, model_timeout_ms: 3_000 },
  });
  const query = { text: "boiler", user_id: "ada", collection: null, top_k: 5, rerank: false };
  await expect(retriever.find(query, { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
});

test("find() bears questions that are long, and made of what queries are made of", async () => {
  await addDocument(world, "notes/boiler.md", BOILER);
  await embedAll(world);
  for (const text of [
    `boiler ${"& | ! ( ) : * ' \\ <-> ".repeat(50)}`,
    `boiler ${"word ".repeat(6_000)} restart`,
    `boiler ${Array.from({ length: 300 }, (_, i) => `w${i}`).join(" ")}`,
    "boiler \ud800 \u0000 '",
  ])
    expect((await ask(world, text)).length).toBeLessThanOrEqual(5);
  expect(await ask(world, `${"x".repeat(31_000)} restart the boiler`)).toHaveLength(1);
});

test("hasCollection() knows the collections that hold documents, and the two that always are", async () => {
  await addDocument(world, "a.md", GATE, { collection: "cellar" });
  const { db, vectors } = world;
  const retriever = createRetriever({
    db,
    vectors,
    embedder: null,
    reranker: null,
    settings: { candidates: 50, min_relevance: 0, min_rerank_score: 0, model_timeout_ms: 1_000 },
  });
  const known = await Promise.all(
    ["documents", "events", "cellar", "attic"].map((name) => retriever.hasCollection(name)),
  );
  expect(known).toEqual([true, true, true, false]);
});
