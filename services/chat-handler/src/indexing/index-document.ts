import { splitDocument } from "@gatehouse/retrieval";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import { dueEmbedding } from "./due-embedding.ts";

/** What indexing documents leans on. */
export interface IndexDocumentDeps {
  readonly db: Database;
}

/** A document was added, replaced or removed: it is split into passages, which then wait for their vectors. Key: document_id. */
export async function indexDocument(
  _payload: unknown,
  { db, due, signal, stage, is_last_attempt }: DueContext<IndexDocumentDeps>,
): Promise<Verdict> {
  await stage("split", () => splitDocument(db, due.key, { signal, is_last_attempt }));
  await stage("due", () => dueEmbedding(db));
  return ack;
}
