import type { Embedder, Reranker } from "@gatehouse/models";
import { checkVectors, createRetriever, embedWaiting } from "@gatehouse/retrieval";
import {
  type Database,
  keywordSearch,
  mayFindEvents,
  putPassages,
  type VectorStore,
  vectorSets,
} from "@gatehouse/store";
import { ASKER, type LabelledSet } from "./labelled-set.ts";

/** Real servers and real models, with the labelled set in them. */
export interface Stand {
  db: Database;
  vectors: VectorStore;
  embedder: Embedder;
  reranker: Reranker;
}

export const WAYS = ["dense", "keyword", "hybrid", "hybrid + rerank"] as const;
export type Way = (typeof WAYS)[number];

/** The ids that a way of searching finds for a question, the best first. */
export type Search = (question: string) => Promise<string[]>;

const MOST = 50;
const MOST_RERANKED = 32;
const never = new AbortController().signal;

/** Writes the passages and gives each its vector. */
export async function fill({ db, vectors, embedder }: Stand, { passages }: LabelledSet): Promise<void> {
  await db.transaction((tx) => putPassages(tx, passages));
  await checkVectors(db, vectors, embedder, { signal: never });
  while ((await embedWaiting(db, vectors, embedder, { most: 256, signal: never })) > 0);
  await db.query("analyze passages");
}

/** What is not told; by default all is ranked that was found. */
export interface Limits {
  min_relevance: number;
  min_rerank_score: number;
}

export function searches(
  stand: Stand,
  limits: Limits = { min_relevance: 0, min_rerank_score: 0 },
): Record<Way, Search> {
  return {
    dense: (question) => dense(stand, question),
    keyword: (question) => keyword(stand, question),
    hybrid: (question) => hybrid(stand, question, { rerank: false, ...limits }),
    "hybrid + rerank": (question) => hybrid(stand, question, { rerank: true, ...limits }),
  };
}

async function dense({ db, vectors, embedder }: Stand, question: string): Promise<string[]> {
  const [set] = await vectorSets(db);
  const { vectors: made } = await embedder.embed([question], { signal: never });
  const scopes = ["document", "event", `turn:${ASKER}`];
  const hits = await vectors.search(set!.name, made[0]!, { limit: MOST, scopes, collection: null });
  return hits.map(({ id }) => id);
}

async function keyword({ db }: Stand, text: string): Promise<string[]> {
  const viewer = { user_id: ASKER, events: await mayFindEvents(db, ASKER) };
  const hits = await keywordSearch(db, { text, viewer, collection: null, limit: MOST });
  return hits.map(({ passage_id }) => passage_id);
}

async function hybrid(
  stand: Stand,
  text: string,
  { rerank, ...limits }: Limits & { rerank: boolean },
): Promise<string[]> {
  const settings = { candidates: MOST, ...limits, model_timeout_ms: 10_000 };
  const onFault = (error: Error) => {
    throw error;
  };
  const retriever = createRetriever({ ...stand, settings, onFault });
  const query = { text, user_id: ASKER, collection: null, top_k: rerank ? MOST_RERANKED : MOST, rerank };
  return (await retriever.find(query, { signal: never })).map(({ id }) => id);
}
