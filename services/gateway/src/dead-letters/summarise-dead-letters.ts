import type { Bus } from "@gatehouse/runtime";
import { type Database, listOnlyCounted, type OnlyCounted } from "@gatehouse/store";
import { type DeadLetter, deadLetterOf } from "./dead-letter.ts";
import { STREAM } from "./list-dead-letters.ts";

/** How much was given up. */
export interface DeadLetterSummary {
  /** Kept now. */
  count: number;
  /** The newest of them, without what it says. */
  last: Pick<DeadLetter, "seq" | "service" | "code" | "dead_at_ms"> | null;
  /** More than 100 of one camera and code within an hour are only counted. */
  only_counted: OnlyCounted[];
}

export async function summariseDeadLetters({ bus, db }: { bus: Bus; db: Database }): Promise<DeadLetterSummary> {
  const [{ messages }, newest, only_counted] = await Promise.all([
    bus.stream(STREAM),
    bus.lastMessage(STREAM, "dead.>"),
    listOnlyCounted(db),
  ]);
  if (!newest) return { count: messages, last: null, only_counted };
  const { seq, service, code, dead_at_ms } = deadLetterOf(newest);
  return { count: messages, last: { seq, service, code, dead_at_ms }, only_counted };
}
