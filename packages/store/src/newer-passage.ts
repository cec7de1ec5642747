import { type NewPassage, putPassages } from "./passages.ts";
import type { Queryable } from "./queryable.ts";

/**
 * Writes a passage of something that has revisions, `position` being the revision: one that is there with the same or a later
 * one stays as it is. False then. Whoever does so at the same time waits. Needs a transaction.
 */
export async function putNewerPassage(tx: Queryable, passage: NewPassage): Promise<boolean> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [passage.passage_id]);
  const [there] = await tx.query<{ position: number }>("select position from passages where passage_id = $1", [
    passage.passage_id,
  ]);
  if (there && there.position >= passage.position) return false;
  await putPassages(tx, [passage]);
  return true;
}
