import { type Database, unmarkEmbedded } from "@gatehouse/store";

const AT_ONCE = 5_000;

/** Lets all passages of a collection (null: all there are) wait for new vectors; until then the old ones are searched. */
export async function reindex(db: Database, collection: string | null): Promise<{ passages: number }> {
  let passages = 0;
  for (let some = AT_ONCE; some === AT_ONCE; passages += some) some = await unmarkEmbedded(db, collection, AT_ONCE);
  return { passages };
}
