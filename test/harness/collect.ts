import type { Bus, FollowFrom, StoredMessage } from "@gatehouse/runtime";

export interface CollectOptions {
  from?: FollowFrom;
  filter?: string;
  /** Fails with what was seen so far. */
  within_ms?: number;
}

/** The first `count` messages of a stream, waiting for them. */
export async function collect(
  bus: Bus,
  stream: string,
  count: number,
  { from = "all", filter, within_ms = 30_000 }: CollectOptions = {},
): Promise<StoredMessage[]> {
  const seen: StoredMessage[] = [];
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(within_ms)]);
  for await (const message of bus.follow(stream, from, { signal, ...(filter ? { filter } : {}) })) {
    seen.push({ ...message, body: message.body.slice() });
    if (seen.length >= count) enough.abort();
  }
  if (seen.length < count)
    throw new Error(
      `Expected ${count} messages of ${stream} within ${within_ms} ms: saw ${seen.length}: ${seen.map(({ subject, seq }) => `${seq} ${subject}`).join(", ")}`,
    );
  return seen;
}
