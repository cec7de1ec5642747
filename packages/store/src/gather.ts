import { PostgresDownError, StoreBusyError } from "./errors.ts";

export interface GatherOptions<I, O> {
  /** What is gathered, for error messages: "detections". */
  name: string;
  /** Items of one statement, at most. */
  most?: number;
  /** Items waiting, at most. */
  queue?: number;
  /** Statements under way at once, at most. */
  flights?: number;
  /** Writes several items in one statement and gives one result for each, in order. */
  write(items: readonly I[]): Promise<readonly O[]>;
}

interface Waiting<I, O> {
  item: I;
  resolve(result: O): void;
  reject(error: unknown): void;
}

/**
 * Gathers what is written at the same time into one statement: idle, an item leaves at once; busy, items wait
 * together for the statement under way. A statement that fails as one of its items is bad is cut in halves, so that
 * only that item fails. When Postgres is down, what waits fails with it.
 */
export function gather<I, O>({
  name,
  most = 256,
  queue = 4096,
  flights = 2,
  write,
}: GatherOptions<I, O>): (item: I) => Promise<O> {
  const waiting: Waiting<I, O>[] = [];
  let under_way = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || under_way >= flights || waiting.length === 0) return;
    scheduled = true;
    setImmediate(leave);
  };
  const leave = () => {
    scheduled = false;
    under_way++;
    void settle(waiting.splice(0, most), write)
      .catch((down) => {
        for (const { reject } of waiting.splice(0)) reject(down);
      })
      .finally(() => {
        under_way--;
        schedule();
      });
    schedule();
  };
  return (item) => {
    if (waiting.length >= queue)
      return Promise.reject(new StoreBusyError(`Cannot write ${name} as at most ${queue} may wait`));
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    waiting.push({ item, resolve, reject });
    schedule();
    return promise;
  };
}

/** Settles each item of one statement. @throws {PostgresDownError} after the items were rejected with it */
async function settle<I, O>(group: Waiting<I, O>[], write: GatherOptions<I, O>["write"]): Promise<void> {
  try {
    const results = await write(group.map(({ item }) => item));
    for (const [i, { resolve }] of group.entries()) resolve(results[i]!);
  } catch (thrown) {
    const down = thrown instanceof PostgresDownError;
    if (down || group.length === 1) for (const { reject } of group) reject(thrown);
    if (down) throw thrown;
    if (group.length > 1) await settleHalves(group, write);
  }
}

async function settleHalves<I, O>(group: Waiting<I, O>[], write: GatherOptions<I, O>["write"]): Promise<void> {
  const half = group.length >> 1;
  const rest = group.slice(half);
  try {
    await settle(group.slice(0, half), write);
  } catch (down) {
    for (const { reject } of rest) reject(down);
    throw down;
  }
  await settle(rest, write);
}
