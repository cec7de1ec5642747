/** A vector under an id, and what a search can be narrowed by. */
export interface VectorPoint {
  /** 1 to 256 characters; unique in its set. */
  id: string;
  /** Of length 1. All of a set have the same number of dimensions. */
  vector: Float32Array;
  /** Who may find it, as a word that searches name: `document`, `event`, `turn:ada`. */
  scope: string;
  collection: string;
}

/** What may be found. */
export interface VectorSearch {
  /** At most so many, 1..1,000. */
  limit: number;
  /** Points of these scopes only. */
  scopes: readonly string[];
  /** Points of this collection only; null: of all. */
  collection: string | null;
  signal?: AbortSignal;
}

export interface VectorHit {
  id: string;
  /** Cosine of the angle between the vectors: 1 is the same direction. */
  similarity: number;
}

/**
 * Where vectors are kept, in sets named by whoever keeps them (`[a-z0-9_]{1,64}`). A set comes into being with its first
 * points. Every call ends within 10 s, and what is written or removed within 3 s: rows of Postgres are locked meanwhile. All may throw `VectorsDownError`, and the signal's reason when it was aborted.
 */
export interface VectorStore {
  /** Writes 1 to 1,000 points; one with the same id is replaced. Kept when this resolves. @throws {VectorMismatchError} */
  upsert(set: string, points: readonly VectorPoint[]): Promise<void>;
  /** Removes points; ids that are not there are no error. */
  remove(set: string, ids: readonly string[]): Promise<void>;
  /** The most similar points, the best first. None where there is no such set. @throws {VectorMismatchError} */
  search(set: string, vector: Float32Array, search: VectorSearch): Promise<VectorHit[]>;
  /** Points in a set; 0 where there is none. */
  count(set: string): Promise<number>;
  /** Removes a set with all its points. */
  drop(set: string): Promise<void>;
  /** Resolves when the store answers. */
  probe(signal: AbortSignal): Promise<void>;
  /** Ends what is under way. May be called again. */
  close(): Promise<void>;
}
