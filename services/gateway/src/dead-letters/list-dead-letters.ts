import type { Bus, StoredMessage } from "@gatehouse/runtime";
import { type DeadLetter, deadLetterOf } from "./dead-letter.ts";

export const STREAM = "DEAD_LETTERS";

export interface DeadLetterFilter {
  service?: string;
  code?: string;
}

export interface DeadLetterPage {
  items: DeadLetter[];
  /** Also when nothing was found in what was looked through so far. */
  next_cursor: string | null;
}

const AT_ONCE = 16;
/** Messages looked through for one page, at most. */
const MOST_READ = 2_000;

/** Dead letters, newest first, from below a sequence. */
export async function listDeadLetters(
  bus: Bus,
  filter: DeadLetterFilter & { limit: number; before?: number | undefined },
): Promise<DeadLetterPage> {
  const { first_seq, last_seq } = await bus.stream(STREAM);
  const items: DeadLetter[] = [];
  let next = Math.min(last_seq, (filter.before ?? Number.POSITIVE_INFINITY) - 1);
  const stop_below = Math.max(first_seq, 1, next - MOST_READ + 1);
  while (next >= stop_below && items.length < filter.limit) {
    const seqs = Array.from({ length: Math.min(AT_ONCE, next - stop_below + 1) }, (_, i) => next - i);
    for (const message of await Promise.all(seqs.map((seq) => bus.message(STREAM, seq)))) {
      if (items.length === filter.limit) break;
      next = message?.seq ? message.seq - 1 : next;
      if (message && matches(message, filter)) items.push(deadLetterOf(message));
    }
    if (items.length < filter.limit) next = seqs.at(-1)! - 1;
  }
  return { items, next_cursor: next >= Math.max(first_seq, 1) ? String(next + 1) : null };
}

function matches(message: StoredMessage, { service, code }: DeadLetterFilter): boolean {
  if (service !== undefined && message.subject !== `dead.${service}`) return false;
  return code === undefined || message.headers["Gatehouse-Code"] === code;
}
