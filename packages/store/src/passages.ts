import type { Queryable } from "./queryable.ts";
import { searchWords } from "./search-words.ts";

/** `document`: a piece of one. `event`: what a camera saw. `turn`: what somebody asked and was answered. */
export type PassageKind = "document" | "event" | "turn";

/** A text that can be found. Written by chat-handler. */
export interface NewPassage {
  /** 1 to 256 characters. The same again replaces it. */
  passage_id: string;
  collection: string;
  kind: PassageKind;
  document_id: string | null;
  /** Its place in its document. */
  position: number;
  text: string;
  uri: string | null;
  /** Whose turn it is; only this user finds it. */
  user_id: string | null;
  camera_id: string | null;
  at_ms: number | null;
}

export interface PassageRow extends NewPassage {
  tokens: number;
}

/** What a user may find: all documents, its own turns, and events where it may see them. */
export interface Viewer {
  user_id: string;
  events: boolean;
}

/** A token is about four characters of most languages' text. */
const CHARACTERS_PER_TOKEN = 4;
const COLUMNS = "passage_id, collection, kind, document_id, position, text, tokens, uri, user_id, camera_id, at_ms";
const WRITTEN = 100;

/** What a viewer may find, as SQL: the viewer's `user_id` and `events` are the parameters of these numbers. */
export const visibleSql = (user: string, events: string): string =>
  `not removed and (kind = 'document' or (kind = 'event' and ${events}) or (kind = 'turn' and user_id = ${user}))`;

/** About how many tokens a text has. */
export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** Text that Postgres and JSON can keep. */
export const keepable = (text: string): string => text.toWellFormed().replaceAll("\0", "");

/**
 * Writes passages. One that is there with the same text keeps its vector; one whose text changed, or that was about to go,
 * waits for a new one.
 */
export async function putPassages(tx: Queryable, passages: readonly NewPassage[]): Promise<void> {
  for (let from = 0; from < passages.length; from += WRITTEN) await write(tx, passages.slice(from, from + WRITTEN));
}

async function write(tx: Queryable, passages: readonly NewPassage[]): Promise<void> {
  const rows = passages.map((passage) => {
    const text = keepable(passage.text);
    return { ...passage, text, words: searchWords(text), tokens: tokensOf(text) };
  });
  await tx.query(
    `insert into passages as p (passage_id, collection, kind, document_id, position, text, words, tokens, uri, user_id,
       camera_id, at_ms)
     select passage_id, collection, kind, document_id, position, text, to_tsvector('english', words), tokens, uri, user_id,
       camera_id, at_ms
     from jsonb_to_recordset($1) as r (passage_id text, collection text, kind text, document_id text, position int,
       text text, words text, tokens int, uri text, user_id text, camera_id text, at_ms bigint)
     order by passage_id
     on conflict (passage_id) do update set collection = excluded.collection, kind = excluded.kind,
       document_id = excluded.document_id, position = excluded.position, text = excluded.text, words = excluded.words,
       tokens = excluded.tokens, uri = excluded.uri, user_id = excluded.user_id, camera_id = excluded.camera_id,
       at_ms = excluded.at_ms, removed = false, vector_error = case when ${SAME} then p.vector_error end,
       set_no = case when ${SAME} then p.set_no else 0 end`,
    [JSON.stringify(rows)],
  );
}

/** Its vector still is the one of this text, under this scope. */
const SAME = `not p.removed and (p.text, p.collection, p.kind, p.user_id)
  is not distinct from (excluded.text, excluded.collection, excluded.kind, excluded.user_id)`;

/** Takes passages away; their vectors and rows go with `embedWaiting`. */
export async function removePassages(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query("update passages set removed = true where passage_id = any($1)", [ids]);
}

/** Takes away passages of a kind that tell of a time before; at most `most`: call again while any went. */
export async function removePassagesBefore(
  tx: Queryable,
  { kind, before_ms, most }: { kind: "event" | "turn"; before_ms: number; most: number },
): Promise<number> {
  const gone = await tx.query(
    `update passages set removed = true where passage_id = any(array(select passage_id from passages
       where kind = $1 and at_ms < $2 and not removed order by at_ms limit $3)) returning 1`,
    [kind, before_ms, most],
  );
  return gone.length;
}

/** Those of some passages that a viewer may find. */
export function findPassages(
  db: Queryable,
  ids: readonly string[],
  { user_id, events }: Viewer,
): Promise<PassageRow[]> {
  return db.query<PassageRow>(
    `select ${COLUMNS} from passages where passage_id = any($1) and ${visibleSql("$2", "$3")}`,
    [ids, user_id, events],
  );
}

/** Whether a user may find security events: not one who has had keys, and lost them all. Others came over the bus itself. */
export async function mayFindEvents(db: Queryable, user_id: string): Promise<boolean> {
  const [row] = await db.query<{ may: boolean }>(
    "select count(*) = 0 or bool_or(revoked_at_ms is null) as may from keys where user_id = $1",
    [user_id],
  );
  return row!.may;
}

/** A collection, and how much is in it. */
export interface CollectionRow {
  name: string;
  documents: number;
  passages: number;
}

/** Collections that hold anything, and the two that always are: `documents`, `events`. */
export function listCollections(db: Queryable): Promise<CollectionRow[]> {
  return db.query<CollectionRow>(
    `select name, coalesce(d.documents, 0) as documents, coalesce(p.passages, 0) as passages
     from (select 'documents' as name union select 'events' union select collection from documents) named
     left join (select collection, count(*) as documents from documents where state <> 'removing' group by collection) d
       on d.collection = name
     left join (select collection, count(*) as passages from passages where not removed group by collection) p
       on p.collection = name
     order by name`,
  );
}

export async function hasCollection(db: Queryable, name: string): Promise<boolean> {
  if (name === "documents" || name === "events") return true;
  const rows = await db.query("select 1 from documents where collection = $1 and state <> 'removing' limit 1", [name]);
  return rows.length > 0;
}
