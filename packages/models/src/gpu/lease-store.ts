/** What a card's key holds. */
export interface CardEntry {
  /** Null: nothing yet. */
  body: Uint8Array | null;
  /** Changes with every write; 0 with nothing yet. */
  revision: number;
}

/** Where the state of cards is kept, one key each, without an age. The runtime implements it on the bus. */
export interface LeaseStore {
  /** The newest entry. @throws an error that says `later` while the store is away */
  read(card: string): Promise<CardEntry>;
  /**
   * Writes if the entry still has this revision, and gives the new one; null when another writer was first.
   * @throws an error that says `later` while the store is away; the write may have happened then
   */
  write(card: string, body: Uint8Array, revision: number): Promise<number | null>;
  /** The entry, and each one that follows it, until the signal aborts; a slow reader may miss some between. */
  watch(card: string, signal: AbortSignal): AsyncIterable<CardEntry>;
}
