import type { Bus, FollowFrom, StoredMessage } from "@gatehouse/runtime";
import { SharedMessage } from "./shared-message.ts";
import type { Reader, Tail } from "./tail.ts";

/** A reader that is fed as fast as it reads. */
export interface PatientReader extends Reader {
  /** Resolves when there is room for more; false when there was none for too long, or the reader is gone. */
  room(next_seq: number): Promise<boolean>;
}

export interface CatchUp {
  bus: Bus;
  tail: Tail;
  reader: PatientReader;
  /** Where to begin; a sequence if the past before it is not wanted. */
  from: Exclude<FollowFrom, "new">;
  signal: AbortSignal;
}

/**
 * Hands a reader what a stream keeps from a point on, then adds it to the tail: no hole, nothing twice. What the tail
 * has at hand is taken from there; what is older is read from the stream by a consumer of its own.
 */
export async function catchUp({ bus, tail, reader, from, signal }: CatchUp): Promise<void> {
  let after = from !== "all" && "seq" in from ? from.seq - 1 : null;
  const past = readPast(bus, tail.stream, from, { filter: reader.pattern, signal });
  try {
    while (!signal.aborted) {
      if (after !== null && tail.covers(after)) {
        const next = tail.nextAfter(after, reader.pattern);
        if (next === null) return tail.add(reader);
        if (!(await reader.room(next.seq!))) return;
        // Waiting may have taken long enough for it to be forgotten: then the stream is read on from here.
        if (tail.covers(after)) {
          reader.deliver(next);
          after = next.seq!;
        }
      } else {
        const read = await readRound(bus, past, { tail, reader, after: after ?? 0 });
        if (read === null) return;
        after = read;
      }
    }
  } finally {
    await past.return(undefined);
  }
}

/** Reads on up to what was the last wanted message when the round began; gives the sequence that is done, or null. */
async function readRound(
  bus: Bus,
  past: AsyncGenerator<StoredMessage>,
  { tail, reader, after }: { tail: Tail; reader: PatientReader; after: number },
): Promise<number | null> {
  const { last_seq } = await bus.stream(tail.stream);
  const target = await bus.lastMessage(tail.stream, reader.pattern);
  if (!target || target.seq <= after) return Math.max(after, last_seq);
  for (;;) {
    const { value: message, done } = await past.next();
    if (done) return null;
    if (!(await reader.room(message.seq))) return null;
    if (message.seq > after) reader.deliver(new SharedMessage(message));
    if (message.seq >= target.seq || message.pending === 0) return Math.max(message.seq, last_seq);
  }
}

async function* readPast(
  bus: Bus,
  stream: string,
  from: Exclude<FollowFrom, "new">,
  options: { filter: string; signal: AbortSignal },
): AsyncGenerator<StoredMessage, void> {
  yield* bus.follow(stream, from, options);
}
