import type { Bus, PublishAck } from "./bus.ts";

/** A message id to look for: whether something recorded at `since_ms` is on a subject already. */
export interface Sought {
  stream: string;
  subject: string;
  id: string;
  since_ms: number;
}

/** Where it is kept, or null; and the subject's last sequence that was looked at (0: there was none). */
export interface Looked {
  found: PublishAck | null;
  last_seq: number;
}

const CLOCKS_MS = 5_000;

/** Looks through a subject, from the time of the record on, for its message id. */
export async function findPublished(
  bus: Bus,
  { stream, subject, id, since_ms }: Sought,
  signal: AbortSignal,
): Promise<Looked> {
  const from_ms = since_ms - CLOCKS_MS;
  const last = await bus.lastMessage(stream, subject);
  const last_seq = last?.seq ?? 0;
  if (!last || last.time_ms < from_ms) return { found: null, last_seq };
  for await (const message of bus.follow(stream, { time_ms: from_ms }, { filter: subject, signal })) {
    if (message.msg_id === id) return { found: { stream, seq: message.seq, duplicate: true }, last_seq };
    if (message.pending === 0 || message.seq >= last_seq) return { found: null, last_seq };
  }
  throw signal.reason;
}
