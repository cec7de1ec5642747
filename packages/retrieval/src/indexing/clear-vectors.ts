import {
  countWaiting,
  type Database,
  deletePassages,
  forgetVectorSet,
  lockRemoved,
  type VectorStore,
  vectorSets,
} from "@gatehouse/store";

/** Removes passages that were taken away, at most so many: from every set of vectors first, then the rows. How many went. */
export function removeVectors(db: Database, vectors: VectorStore, most: number): Promise<number> {
  return db.transaction(async (tx) => {
    const ids = await lockRemoved(tx, most);
    if (ids.length === 0) return 0;
    for (const { name } of await vectorSets(tx)) await vectors.remove(name, ids);
    await deletePassages(tx, ids);
    return ids.length;
  });
}

/** Drops the sets that nothing searches any more: all but the one in use, once that one is whole. */
export async function dropOldSets(db: Database, vectors: VectorStore): Promise<void> {
  const [, ...old] = await vectorSets(db);
  if (old.length === 0 || (await countWaiting(db)) > 0) return;
  for (const { name, set_no } of old) {
    await vectors.drop(name);
    await forgetVectorSet(db, set_no);
  }
}
