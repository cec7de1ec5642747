import { GatehouseError } from "@gatehouse/errors";
import type { Embedder, Reranker } from "@gatehouse/models";
import {
  type Database,
  findPassages,
  hasCollection,
  type KeywordHit,
  keywordSearch,
  mayFindEvents,
  type PassageKind,
  type PassageRow,
  type VectorHit,
  type VectorStore,
  type Viewer,
} from "@gatehouse/store";
import { fuse } from "./fuse.ts";
import { rerankPassages } from "./rerank-passages.ts";
import { searchVectors } from "./search-vectors.ts";
import { turnsAfterFacts } from "./turns-after-facts.ts";
import { UnrelatedTexts } from "./unrelated-texts.ts";

/** A text that was found. */
export interface FoundPassage {
  /** Of a security event, its event_id. */
  id: string;
  kind: PassageKind;
  collection: string;
  text: string;
  /** 0..1, higher is better: the reranker's score; without one, 1 is the first of both searches. */
  score: number;
  uri: string | null;
  /** When it was seen or said. */
  at_ms: number | null;
}

/** What is looked for. */
export interface RetrievalQuery {
  text: string;
  /** Who asks: only what this user may see is found. */
  user_id: string;
  /** Null: all documents, and the house's events and the user's own chats. */
  collection: string | null;
  /** At most so many are found, 1..100. */
  top_k: number;
  rerank: boolean;
}

export interface Retriever {
  /**
   * Finds passages by meaning and by words, the best first. Models and a vector store that are away are told to `onFault`
   * and done without: keyword search alone then.
   * @throws {PostgresDownError | StoreBusyError}, and the signal's reason when it was aborted
   */
  find(query: RetrievalQuery, options: { signal: AbortSignal; deadline_ms?: number }): Promise<FoundPassage[]>;
  /** Whether there is a collection; `documents` and `events` always are. */
  hasCollection(name: string): Promise<boolean>;
}

/** Section `retrieval` of the configuration. */
export interface RetrievalSettings {
  /** How many passages each of the two searches finds before they are joined. */
  candidates: number;
  /** Passages below it are not relevant: what similarity and shared words make likely. */
  min_relevance: number;
  /** Passages that the reranker gives a lower score are not relevant. */
  min_rerank_score: number;
  /** How long the embedder, the vectors and the reranker may take each. */
  model_timeout_ms: number;
}

export interface RetrieverParts {
  db: Database;
  vectors: VectorStore;
  embedder: Embedder | null;
  reranker: Reranker | null;
  settings: RetrievalSettings;
  /** Told of each model or store that was done without. */
  onFault?: (error: GatehouseError) => void;
}

/** Of the best passage's score by words, what another one must have to count beside vectors. Tuned by `npm run bench:retrieval`. */
const TELLING = 0.5;
/** A question longer than this is looked for by its beginning and its end. */
const MOST_CHARACTERS = 2_000;

/** Makes what finds passages for a question. */
export function createRetriever(given: RetrieverParts): Retriever {
  const parts = { ...given, unrelated: new UnrelatedTexts(given.onFault) };
  return {
    find: (query, options) => find(parts, { ...query, text: askedText(query.text) }, options),
    hasCollection: (name) => hasCollection(parts.db, name),
  };
}

type Parts = RetrieverParts & { unrelated: UnrelatedTexts };

interface Candidate extends PassageRow {
  score: number;
  /** 0..1: how likely it has to do with the question. */
  relevance: number;
}

async function find(
  parts: Parts,
  query: RetrievalQuery,
  { signal, deadline_ms = Infinity }: { signal: AbortSignal; deadline_ms?: number },
): Promise<FoundPassage[]> {
  signal.throwIfAborted();
  if (query.text === "") return [];
  const viewer = { user_id: query.user_id, events: await mayFindEvents(parts.db, query.user_id) };
  const asking = () => ({
    signal,
    priority: 1 as const,
    deadline_ms: Math.min(deadline_ms, Date.now() + parts.settings.model_timeout_ms),
  });
  const fused = await search(parts, query, { viewer, asking });
  const ranked = query.rerank
    ? await withoutIt(parts, signal, () => rerankPassages(parts.reranker, query, fused, asking()))
    : null;
  signal.throwIfAborted();
  const { min_relevance, min_rerank_score } = parts.settings;
  const least = ranked ? min_rerank_score : min_relevance;
  return turnsAfterFacts((ranked ?? fused).filter(({ relevance }) => relevance >= least))
    .slice(0, query.top_k)
    .map(({ passage_id, kind, collection, text, score, uri, at_ms }) => ({
      ...{ id: passage_id, kind, collection, text, score, uri, at_ms },
    }));
}

/** Both searches, joined. */
async function search(
  parts: Parts,
  { text, collection }: RetrievalQuery,
  { viewer, asking }: { viewer: Viewer; asking: () => { signal: AbortSignal; deadline_ms: number } },
): Promise<Candidate[]> {
  const { db, settings } = parts;
  const limit = settings.candidates;
  const [similar, worded] = await Promise.all([
    withoutIt(parts, asking().signal, () => searchVectors(parts, { text, collection, limit, viewer }, asking())),
    keywordSearch(db, { text, viewer, collection, limit }),
  ]);
  const relevance = relevanceOf(similar ?? [], worded);
  const near = (similar ?? []).map(({ id }) => id);
  const fused = fuse(near.length > 0 ? [near, tellingIds(worded)] : [worded.map(({ passage_id }) => passage_id)]);
  const ids = fused.map(({ id }) => id);
  const rows = new Map((await findPassages(db, ids, viewer)).map((row) => [row.passage_id, row]));
  return fused.flatMap(({ id, score }) => {
    const row = rows.get(id);
    return row ? [{ ...row, score, relevance: relevance.get(id)! }] : [];
  });
}

/** How sure it is that a passage has to do with the question: 0..1, by two witnesses that do not know of each other. */
function relevanceOf(similar: readonly VectorHit[], worded: readonly KeywordHit[]): Map<string, number> {
  const doubt = new Map<string, number>();
  const add = (id: string, share: number) =>
    doubt.set(id, (doubt.get(id) ?? 1) * (1 - Math.min(Math.max(share, 0), 1)));
  for (const { id, similarity } of similar) add(id, similarity);
  for (const { passage_id, coverage } of worded) add(passage_id, coverage);
  return new Map([...doubt].map(([id, remains]) => [id, 1 - remains]));
}

/** Beside vectors, passages count that share much with the question: a common word alone would only lift what is no answer. */
function tellingIds(worded: readonly KeywordHit[]): string[] {
  const least = TELLING * (worded[0]?.score ?? 0);
  return worded.filter(({ score }) => score >= least).map(({ passage_id }) => passage_id);
}

/** What some work gives; null when a server that it needs is away, which is told. */
async function withoutIt<T>(
  { onFault }: RetrieverParts,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GatehouseError) || error.dependency === "postgres") throw error;
    onFault?.(error);
    return null;
  }
}

function askedText(text: string): string {
  const asked = text.trim();
  if (asked.length <= MOST_CHARACTERS) return asked;
  return `${asked.slice(0, MOST_CHARACTERS / 2)} … ${asked.slice(-MOST_CHARACTERS / 2)}`.toWellFormed();
}
