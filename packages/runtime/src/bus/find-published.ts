import type { Bus, PublishAck } from "./bus.ts";

const CLOCKS_MS = 5_000;

/**
 * Looks for a message id on a subject, from a time on: whether something recorded before the duplicate window was
 * already published. Null when it was not.
 */
export async function findPublished(
  bus: Bus,
  stream: string,
  subject: string,
  id: string,
  since_ms: number,
  signal: AbortSignal,
): Promise<PublishAck | null> {
  const from_ms = since_ms - CLOCKS_MS;
  const last = await bus.lastMessage(stream, subject);
  if (!last || last.time_ms < from_ms) return null;
  for await (const message of bus.follow(stream, { time_ms: from_ms }, { filter: subject, signal })) {
    if (message.msg_id === id) return { stream, seq: message.seq, duplicate: true };
    if (message.pending === 0 || message.seq >= last.seq) return null;
  }
  throw signal.reason;
}
