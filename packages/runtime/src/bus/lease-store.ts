import { FencedError } from "../errors.ts";
import type { Bus, StoredMessage } from "./bus.ts";

/** What the key of a card holds; `body` is null and `revision` 0 when there is nothing. */
export interface LeaseEntry {
  body: Uint8Array | null;
  revision: number;
}

/** The state of graphics cards, one key each in the bucket `gpu`, changed by compare-and-set. */
export interface LeaseStore {
  /** @throws {BusUnavailableError | NoStreamError} */
  read(card: string): Promise<LeaseEntry>;
  /** Null: another writer was first. @throws {BusUnavailableError | NoStreamError} the write may have happened then */
  write(card: string, body: Uint8Array, revision: number): Promise<number | null>;
  /** The newest entry and those that follow, through restarts of the broker. @throws {NoStreamError | StreamResetError} */
  watch(card: string, signal: AbortSignal): AsyncIterable<LeaseEntry>;
}

const STREAM = "KV_gpu";
const subjectOf = (card: string): string => `$KV.gpu.${card}`;
/** A renewal that takes longer is tried again: a holder has 10 s. */
const WRITE_MS = 2_000;

/** Keeps leases on the bus. */
export function createLeaseStore(bus: Bus): LeaseStore {
  return {
    async read(card) {
      const message = await bus.lastMessage(STREAM, subjectOf(card));
      return message ? entryOf(message) : { body: null, revision: 0 };
    },
    async write(card, body, revision) {
      try {
        return (await bus.publish(subjectOf(card), body, { after: revision, timeout_ms: WRITE_MS })).seq;
      } catch (error) {
        if (error instanceof FencedError) return null;
        throw error;
      }
    },
    async *watch(card, signal) {
      for await (const message of bus.follow(STREAM, "all", { filter: subjectOf(card), signal }))
        yield entryOf(message);
    },
  };
}

/** A key that was deleted holds nothing, and still has a revision. */
const entryOf = ({ body, headers, seq }: StoredMessage): LeaseEntry => ({
  body: "KV-Operation" in headers ? null : body,
  revision: seq,
});
