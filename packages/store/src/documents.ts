import { createHash } from "node:crypto";
import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/**
 * `waiting`: to be read and split. `indexing`: found by its words; some passages have no vector yet. `ready`: all have.
 * `failed`: it cannot be read, `error` says why. `removing`: it goes as soon as its vectors are gone.
 */
export type DocumentState = "waiting" | "indexing" | "ready" | "failed" | "removing";

/** A document. Written by gateway and chat-handler. */
export interface DocumentRow {
  document_id: string;
  collection: string;
  /** Where it comes from; unique in its collection. */
  uri: string;
  title: string | null;
  media_type: string;
  /** Of its bytes, as hex. */
  sha256: string;
  size_bytes: number;
  state: DocumentState;
  error: { code: string; message: string } | null;
  /** Into how many it was split. */
  passages: number;
  /** How many of them have a vector of the model that is in use. */
  embedded: number;
  /** Who added it. */
  user_id: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface NewDocument {
  collection: string;
  uri: string;
  title: string | null;
  media_type: string;
  body: Uint8Array;
  user_id: string | null;
}

export interface PutDocument {
  document_id: string;
  state: DocumentState;
  /** The same document was there already: nothing is to be done, unless it is still `waiting`. */
  unchanged: boolean;
}

/** What there is to read of a document. */
export interface DocumentBody
  extends Pick<DocumentRow, "document_id" | "collection" | "uri" | "title" | "media_type" | "sha256"> {
  body: Uint8Array;
}

const COLUMNS = `document_id, collection, uri, title, media_type, sha256, size_bytes, state, error, user_id,
  created_at_ms, updated_at_ms, count.passages, count.embedded`;
const FROM = `documents d cross join lateral (select count(*) as passages, count(*) filter (
    where p.vector_error is null and p.set_no = (select max(set_no) from vector_sets)) as embedded
  from passages p where p.document_id = d.document_id and not p.removed) count`;

/** A document is named by its place, so that putting it again replaces it. */
export function documentId(collection: string, uri: string): string {
  return createHash("sha256").update(`${collection}\0${uri}`).digest("hex").slice(0, 32);
}

/**
 * Adds a document, or replaces the one of the same collection and uri; while it is `waiting` it is to be split (`putDue` in
 * the same transaction). One that did not change and has not failed stays as it is; so does the title that was read in it
 * when none is given.
 */
export async function putDocument(tx: Queryable, document: NewDocument): Promise<PutDocument> {
  const { collection, uri, title, media_type, body, user_id } = document;
  const document_id = documentId(collection, uri);
  const sha256 = createHash("sha256").update(body).digest("hex");
  const [written] = await tx.query(
    `insert into documents as d (document_id, collection, uri, title, media_type, sha256, size_bytes, body, state, user_id,
       created_at_ms, updated_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, now_ms(), now_ms())
     on conflict (document_id) do update set title = excluded.title, media_type = excluded.media_type,
       sha256 = excluded.sha256, size_bytes = excluded.size_bytes, body = excluded.body, state = 'waiting', error = null,
       user_id = excluded.user_id, updated_at_ms = excluded.updated_at_ms
     where d.state in ('failed', 'removing') or (d.sha256, d.media_type, d.title)
       is distinct from (excluded.sha256, excluded.media_type, coalesce(excluded.title, d.title)) returning 1`,
    [document_id, collection, uri, title, media_type, sha256, body.length, body, user_id],
  );
  if (written) return { document_id, state: "waiting", unchanged: false };
  const [kept] = await tx.query<{ state: DocumentState }>("select state from documents where document_id = $1", [
    document_id,
  ]);
  return { document_id, state: kept!.state, unchanged: true };
}

export async function findDocument(db: Queryable, document_id: string): Promise<DocumentRow | null> {
  const [row] = await db.query<DocumentRow>(`select ${COLUMNS} from ${FROM} where document_id = $1`, [document_id]);
  return row ?? null;
}

/** Documents, the last changed first. @throws {BadCursorError} */
export async function listDocuments(
  db: Queryable,
  { collection = null, limit, cursor }: { collection?: string | null; limit: number; cursor?: string | null },
): Promise<Page<DocumentRow>> {
  const [at_ms, id] = cursor ? decodeCursor(cursor, 1) : [null, null];
  const rows = await db.query<DocumentRow>(
    `select ${COLUMNS} from ${FROM} where ($1::text is null or collection = $1)
       and ($2::bigint is null or (updated_at_ms, document_id) < ($2, $3))
     order by updated_at_ms desc, document_id desc limit $4`,
    [collection, at_ms, id, limit + 1],
  );
  return toPage(rows, limit, (row) => [row.updated_at_ms, row.document_id]);
}

/** What is to be read; null when the document is not waiting, or gone. */
export async function waitingBody(db: Queryable, document_id: string): Promise<DocumentBody | null> {
  const [row] = await db.query<DocumentBody>(
    `select document_id, collection, uri, title, media_type, sha256, body from documents
     where document_id = $1 and state = 'waiting' and body is not null`,
    [document_id],
  );
  return row ?? null;
}

/** Takes a document and its passages away. False when there is none. Its vectors go with `embedWaiting`, and then its row. */
export async function removeDocument(tx: Queryable, document_id: string): Promise<boolean> {
  const gone = await tx.query(
    `update documents set state = 'removing', body = null, error = null, updated_at_ms = now_ms()
     where document_id = $1 and state <> 'removing' returning 1`,
    [document_id],
  );
  if (gone.length > 0) await removePassagesOf(tx, document_id, []);
  return gone.length > 0;
}

/** Marks what a document consists of as removed, but for some. */
export async function removePassagesOf(tx: Queryable, document_id: string, but: readonly string[]): Promise<number> {
  const gone = await tx.query(
    `update passages set removed = true where document_id = $1 and not removed and passage_id <> all($2::text[])
     returning 1`,
    [document_id, but],
  );
  return gone.length;
}

/** How a document that was waiting with these bytes went on. False when others replaced or removed it meanwhile. */
export async function settleDocument(
  tx: Queryable,
  { document_id, sha256 }: Pick<DocumentRow, "document_id" | "sha256">,
  to: { state: "indexing"; title: string | null } | { state: "failed"; error: { code: string; message: string } },
): Promise<boolean> {
  const settled = await tx.query(
    `update documents set state = $3, error = $4, title = coalesce(title, $5), body = null, updated_at_ms = now_ms()
     where document_id = $1 and sha256 = $2 and state = 'waiting' returning 1`,
    [
      document_id,
      sha256,
      to.state,
      to.state === "failed" ? JSON.stringify(to.error) : null,
      to.state === "indexing" ? to.title : null,
    ],
  );
  return settled.length > 0;
}
