/** A passage of a document, an event or an earlier answer that fits what was asked. */
export interface FoundPassage {
  id: string;
  kind: "document" | "event" | "turn";
  collection: string;
  text: string;
  score: number;
  uri: string | null;
  at_ms: number | null;
}

/** What is asked of retrieval; `packages/retrieval` has it. */
export interface Retriever {
  find(
    query: { text: string; user_id: string; collection: string | null; top_k: number; rerank: boolean },
    options: { signal: AbortSignal; deadline_ms?: number },
  ): Promise<FoundPassage[]>;
  hasCollection(name: string): Promise<boolean>;
}
