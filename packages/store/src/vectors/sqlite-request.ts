import type { VectorHit, VectorPoint } from "./vector-store.ts";

/** What the thread of sqlite-vec is asked for. */
export type SqliteRequest =
  | { op: "upsert"; set: string; points: readonly VectorPoint[] }
  | { op: "remove"; set: string; ids: readonly string[] }
  | {
      op: "search";
      set: string;
      vector: Float32Array;
      limit: number;
      scopes: readonly string[];
      collection: string | null;
    }
  | { op: "count"; set: string }
  | { op: "drop"; set: string }
  | { op: "probe" };

/** What it answers with: hits for a search, a number for a count, else nothing. */
export type SqliteValue = VectorHit[] | number | null;

/** What it tells: an answer, or that the vectors that were there are lost. */
export type SqliteAnswer =
  | { lost: string }
  | { number: number; value: SqliteValue }
  | { number: number; fault: { kind: "mismatch"; wanted: number; seen: number } | { kind: "down"; message: string } };
