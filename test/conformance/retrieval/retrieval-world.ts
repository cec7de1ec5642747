import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { createEmbedder, createReranker, type Embedder, type Reranker } from "@gatehouse/models";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import {
  createRetriever,
  embedWaiting,
  type FoundPassage,
  type RetrievalQuery,
  splitDocument,
} from "@gatehouse/retrieval";
import {
  countWaiting,
  type Database,
  migrate,
  openPostgres,
  openVectors,
  putDocument,
  type VectorStore,
  vectorSets,
} from "@gatehouse/store";
import { expect } from "vitest";
import { copyBlankPostgres } from "../../harness/blank-postgres.ts";

/** Postgres, vectors in a file, and the reference embedder and reranker: all real, in a folder of its own. */
export interface RetrievalWorld {
  home: string;
  database_url: string;
  db: Database;
  vectors: VectorStore;
  embedder: Embedder;
  reranker: Reranker;
  models: ReferenceModels;
  /** Forgets whatever was indexed. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export const never = new AbortController().signal;
const SETTINGS = { candidates: 50, min_relevance: 0.3, min_rerank_score: 0.1, model_timeout_ms: 3_000 };

export async function startRetrievalWorld(): Promise<RetrievalWorld> {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-retrieval-"));
  copyBlankPostgres(home);
  const [{ postgres }, models] = await Promise.all([startServers(home, ["postgres"]), startReferenceModels()]);
  await migrate(postgres.url);
  const db = openPostgres(postgres.url, { name: "test" });
  const vectors = openVectors({ home, qdrant_url: null });
  const embedder = createEmbedder([{ kind: "tei", url: models.url }], { first_delay_ms: 1 });
  const reranker = createReranker([{ kind: "tei", url: models.url }], { first_delay_ms: 1 });
  return {
    ...{ home, database_url: postgres.url, db, vectors, embedder, reranker, models },
    clear: async () => {
      for (const { name } of await db.query<{ name: string }>("select name from vector_sets")) await vectors.drop(name);
      await db.query("truncate documents, passages, vector_sets, keys");
    },
    stop: async () => {
      await Promise.all([db.close(), vectors.close(), embedder.close(), reranker.close()]);
      await Promise.all([postgres.stop(), models.stop()]);
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Adds a document and splits it. */
export async function addDocument(
  { db }: Pick<RetrievalWorld, "db">,
  uri: string,
  text: string | Uint8Array,
  { collection = "documents", media_type = "text/markdown", title = null as string | null } = {},
): Promise<string> {
  const body = typeof text === "string" ? Buffer.from(text) : text;
  const document = { collection, uri, title, media_type, body, user_id: "ada" };
  const { document_id } = await db.transaction((tx) => putDocument(tx, document));
  await splitDocument(db, document_id, { signal: never });
  return document_id;
}

/** Embeds until nothing waits. */
export async function embedAll({ db, vectors, embedder }: RetrievalWorld): Promise<void> {
  while ((await embedWaiting(db, vectors, embedder, { most: 64, signal: never })) > 0);
}

/** Asks as a user of the house would. */
export function ask(
  { db, vectors, embedder, reranker }: RetrievalWorld,
  text: string,
  more: Partial<RetrievalQuery> = {},
): Promise<FoundPassage[]> {
  const retriever = createRetriever({ db, vectors, embedder, reranker, settings: SETTINGS });
  const query = { text, user_id: "ada", collection: null, top_k: 5, rerank: false, ...more };
  return retriever.find(query, { signal: never });
}

/** A book of so many sections, each a passage of its own. */
export const book = (sections: number, word = "camera"): string =>
  Array.from(
    { length: sections },
    (_, i) => `# Section ${i}\n\n${`The ${word} of section ${i} stands at the ${i}. corner. `.repeat(38)}`,
  ).join("\n\n");

/** Every passage that is to be found has exactly one vector in the set in use, and no other vector is kept. */
export async function expectWhole({ db, vectors }: RetrievalWorld): Promise<void> {
  const rows = await db.query<{ passage_id: string }>("select passage_id from passages where vector_error is null");
  const sets = await vectorSets(db);
  expect(sets).toHaveLength(1);
  expect(await vectors.count(sets[0]!.name)).toBe(rows.length);
  expect(await countWaiting(db)).toBe(0);
  expect(await db.query("select 1 from passages where removed")).toEqual([]);
}

/** Adds a document that then waits to be split. */
export async function putBook({ db }: Pick<RetrievalWorld, "db">, text: string, uri = "book.md"): Promise<string> {
  const document = {
    collection: "documents",
    uri,
    title: null,
    media_type: "text/markdown",
    body: Buffer.from(text),
    user_id: null,
  };
  return (await db.transaction((tx) => putDocument(tx, document))).document_id;
}
