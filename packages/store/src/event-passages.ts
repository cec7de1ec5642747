import { type NewPassage, putPassages } from "./passages.ts";
import type { Queryable } from "./queryable.ts";

const EVENT_PREFIX = "event.";

/** What the passage of an event is called. */
export const eventPassageId = (event_id: string): string => `${EVENT_PREFIX}${event_id}`;

/** The event that a passage tells of. */
export const eventIdOf = (passage_id: string): string => passage_id.slice(EVENT_PREFIX.length);

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

/**
 * Takes away passages of events that began before a time and are not kept as events any more: those of a camera whose clock is
 * behind stay as long as their event. At most `most`: call again while any went.
 */
export async function removeEventPassages(
  tx: Queryable,
  { before_ms, most }: { before_ms: number; most: number },
): Promise<number> {
  const gone = await tx.query(
    `update passages set removed = true where passage_id = any(array(select passage_id from passages p
       where kind = 'event' and at_ms < $1 and not removed
         and not exists (select 1 from events e where e.event_id = substr(p.passage_id, ${EVENT_PREFIX.length + 1}))
       order by at_ms limit $2)) returning 1`,
    [before_ms, most],
  );
  return gone.length;
}
