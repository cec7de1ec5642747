import { createHash } from "node:crypto";
import { describeError, GatehouseError } from "@gatehouse/errors";
import {
  type Database,
  type DocumentBody,
  type NewPassage,
  putPassages,
  removePassagesOf,
  settleDocument,
  waitingBody,
} from "@gatehouse/store";
import { DocumentUnreadableError } from "../errors.ts";
import type { SplitDocument } from "../reading/block.ts";
import { readDocument } from "../reading/read-document.ts";

/** What became of a document: `superseded` when it was replaced or removed meanwhile, or was not waiting. */
export type SplitOutcome = "split" | "failed" | "superseded";

export interface Splitting {
  signal?: AbortSignal;
  /** What nobody foresaw fails the document, too, as nobody will try again. */
  is_last_attempt?: boolean;
}

/**
 * Reads a document that waits and writes its passages, in one transaction: from then on it is found by its words. Passages
 * that it had before keep their vectors; those it no longer has go. May be repeated, and killed at any time.
 * One that cannot be read fails for good, and says why.
 * @throws {PostgresDownError | StoreBusyError}, and the signal's reason when it was aborted
 */
export async function splitDocument(
  db: Database,
  document_id: string,
  { signal = new AbortController().signal, is_last_attempt = false }: Splitting = {},
): Promise<SplitOutcome> {
  const document = await waitingBody(db, document_id);
  if (document === null) return "superseded";
  try {
    const { body, media_type, title } = document;
    return await keep(db, document, await readDocument(body, media_type, { signal, title }));
  } catch (error) {
    const { retry } = describeError(error);
    if (error instanceof GatehouseError && retry === "never") return fail(db, document, error);
    if (retry === "unknown" && is_last_attempt && !signal.aborted) await fail(db, document, unexpected(error));
    throw error;
  }
}

function keep(db: Database, document: DocumentBody, { title, passages: texts }: SplitDocument): Promise<SplitOutcome> {
  const passages = passagesOf(document, texts);
  return db.transaction(async (tx) => {
    if (!(await settleDocument(tx, document, { state: "indexing", title }))) return "superseded";
    await putPassages(tx, passages);
    await removePassagesOf(
      tx,
      document.document_id,
      passages.map(({ passage_id }) => passage_id),
    );
    return "split";
  });
}

function fail(db: Database, document: DocumentBody, fault: GatehouseError): Promise<SplitOutcome> {
  const { code, message } = describeError(fault);
  return db.transaction(async (tx) => {
    if (!(await settleDocument(tx, document, { state: "failed", error: { code, message } }))) return "superseded";
    await removePassagesOf(tx, document.document_id, []);
    return "failed";
  });
}

const unexpected = (cause: unknown) =>
  new DocumentUnreadableError("Cannot index the document as something unexpected happened", { cause });

/** A passage is named by its document, what it says, and which one of those that say the same it is. */
function passagesOf({ document_id, collection, uri }: DocumentBody, texts: readonly string[]): NewPassage[] {
  const seen = new Map<string, number>();
  return texts.map((text, position) => {
    const ordinal = seen.get(text) ?? 0;
    seen.set(text, ordinal + 1);
    const passage_id = createHash("sha256").update(`${document_id}\0${ordinal}\0${text}`).digest("hex").slice(0, 32);
    const nobodys = { user_id: null, camera_id: null, at_ms: null };
    return { passage_id, collection, kind: "document", document_id, position, text, uri, ...nobodys };
  });
}
