import { randomBytes } from "node:crypto";
import type { NewPassage } from "./passages.ts";
import type { Queryable } from "./queryable.ts";

/** Vectors of one model. The one with the highest number is in use. Written by chat-handler. */
export interface VectorSet {
  set_no: number;
  /** Its name in the vector store; no other installation has it. */
  name: string;
  model: string;
  dimensions: number;
}

const COLUMNS = "set_no, name, model, dimensions";
const MAKING = 7_130_455_822_901;
const NOW = "coalesce((select max(set_no) from vector_sets), 1)";

/** All sets, the one in use first. */
export function vectorSets(db: Queryable): Promise<VectorSet[]> {
  return db.query<VectorSet>(`select ${COLUMNS} from vector_sets order by set_no desc`);
}

/** The newest set of a model: where its vectors are searched. */
export async function vectorSetOf(
  db: Queryable,
  { model, dimensions }: Pick<VectorSet, "model" | "dimensions">,
): Promise<VectorSet | null> {
  const [row] = await db.query<VectorSet>(
    `select ${COLUMNS} from vector_sets where model = $1 and dimensions = $2 order by set_no desc limit 1`,
    [model, dimensions],
  );
  return row ?? null;
}

/**
 * The set in use, which is of this model: where it is of another one, a new set is made, and every passage waits for a
 * vector in it. `instead_of`: a set that lost its vectors; a new one is made as long as it is the one in use.
 */
export async function useVectorSet(
  tx: Queryable,
  { model, dimensions }: Pick<VectorSet, "model" | "dimensions">,
  instead_of: number | null = null,
): Promise<VectorSet> {
  await tx.query("select pg_advisory_xact_lock($1)", [MAKING]);
  const [used] = await vectorSets(tx);
  if (used && used.model === model && used.dimensions === dimensions && used.set_no !== instead_of) return used;
  const [made] = await tx.query<VectorSet>(
    `insert into vector_sets (name, model, dimensions, created_at_ms) values ($1, $2, $3, now_ms()) returning ${COLUMNS}`,
    [`p_${randomBytes(8).toString("hex")}`, model, dimensions],
  );
  return made!;
}

/** Forgets a set whose vectors were dropped. */
export async function forgetVectorSet(tx: Queryable, set_no: number): Promise<void> {
  await tx.query("delete from vector_sets where set_no = $1", [set_no]);
}

/** A text that waits for its vector. */
export type WaitingPassage = Pick<NewPassage, "passage_id" | "text" | "kind" | "user_id" | "collection">;

const WAITING = `not removed and set_no < ${NOW}`;

/** Passages that have no vector of the set in use. */
export function waitingPassages(db: Queryable, most: number): Promise<WaitingPassage[]> {
  return db.query<WaitingPassage>(
    `select passage_id, text, kind, user_id, collection from passages where ${WAITING} order by set_no, passage_id limit $1`,
    [most],
  );
}

/** Locks passages until the transaction ends, and gives them as they are now. What others replace or remove has to wait. */
export function lockPassages(tx: Queryable, ids: readonly string[]): Promise<WaitingPassage[]> {
  return tx.query<WaitingPassage>(
    `select passage_id, text, kind, user_id, collection from passages where passage_id = any($1) and not removed
     order by passage_id for update`,
    [ids],
  );
}

/** Notes that passages have a vector in a set. */
export async function markEmbedded(tx: Queryable, ids: readonly string[], set_no: number): Promise<void> {
  await tx.query("update passages set set_no = $2, vector_error = null where passage_id = any($1)", [ids, set_no]);
}

/** Notes that the model of a set refuses a text: it is found by its words alone, until the text or the model is another. */
export async function markRefused(
  tx: Queryable,
  { passage_id, text }: Pick<WaitingPassage, "passage_id" | "text">,
  { why, set_no }: { why: string; set_no: number },
): Promise<void> {
  await tx.query(
    "update passages set set_no = $4, vector_error = $3 where passage_id = $1 and text = $2 and not removed",
    [passage_id, text, why, set_no],
  );
}

/** Lets passages of a collection, or all, wait for a vector again; at most `most`: call again while any did. */
export async function unmarkEmbedded(tx: Queryable, collection: string | null, most: number): Promise<number> {
  const waiting = await tx.query(
    `update passages set set_no = 0 where passage_id = any(array(select passage_id from passages
       where set_no > 0 and not removed and ($1::text is null or collection = $1) limit $2)) returning 1`,
    [collection, most],
  );
  return waiting.length;
}

/** Locks passages that are to go, and gives their ids; those that others work at are left out. */
export async function lockRemoved(tx: Queryable, most: number): Promise<string[]> {
  const rows = await tx.query<{ passage_id: string }>(
    "select passage_id from passages where removed order by passage_id limit $1 for update skip locked",
    [most],
  );
  return rows.map(({ passage_id }) => passage_id);
}

export async function deletePassages(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query("delete from passages where passage_id = any($1)", [ids]);
}

/** What is still to be done: passages without a vector of the set in use, and passages that are to go. */
export async function countWaiting(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select (select count(*) from passages where ${WAITING}) + (select count(*) from passages where removed) as count`,
  );
  return row!.count;
}

/** Passages that are to go. */
export async function countRemoved(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) as count from passages where removed");
  return row!.count;
}

/** Passages that must have a vector in a set. */
export async function countEmbedded(db: Queryable, set_no: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    "select count(*) as count from passages where set_no = $1 and not removed and vector_error is null",
    [set_no],
  );
  return row!.count;
}

/** Documents whose passages all have their vectors are ready; those that were to go, and have none left, go. */
export async function settleDocuments(tx: Queryable, { without_vectors = false } = {}): Promise<void> {
  await tx.query(
    `update documents d set state = 'ready', updated_at_ms = now_ms() where state = 'indexing' and ($1 or not exists (
       select 1 from passages p where p.document_id = d.document_id and not p.removed and p.set_no < ${NOW}))`,
    [without_vectors],
  );
  await tx.query(
    `delete from documents d where state = 'removing'
       and not exists (select 1 from passages p where p.document_id = d.document_id)`,
  );
}
