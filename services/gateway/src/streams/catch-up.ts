import type { Bus } from "@gatehouse/runtime";
import { type GapReader, GapWatch } from "./gap-watch.ts";
import { openPast, type Past } from "./past.ts";
import { SharedMessage } from "./shared-message.ts";
import type { Reader, Tail } from "./tail.ts";

/** A reader that is fed as fast as it reads. */
export interface PatientReader extends Reader, GapReader {
  /** Resolves when there is room for more; false when there was none for too long, or the reader is gone. */
  room(next_seq: number): Promise<boolean>;
}

export interface CatchUp {
  bus: Bus;
  tail: Tail;
  reader: PatientReader;
  /** Where to begin. From a sequence on all is handed on, or told as a gap; what is older than a time is not wanted. */
  from: { seq: number } | { time_ms: number };
  signal: AbortSignal;
}

/**
 * Hands a reader what a stream keeps from a point on, then adds it to the tail: no hole, nothing twice. What the tail
 * has at hand is taken from there; what is older is read from the stream by a consumer of its own.
 */
export async function catchUp({ bus, tail, reader, from, signal }: CatchUp): Promise<void> {
  let after = "seq" in from ? from.seq - 1 : null;
  let past: Past | null = null;
  const gaps = new GapWatch(bus, tail.stream, reader);
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
        if (!past?.open)
          past = openPast(bus, tail.stream, {
            from: after === null ? from : { seq: after + 1 },
            filter: reader.pattern,
            signal,
          });
        const read = await readRound({ bus, tail, reader, past, gaps }, after);
        if (read === null) return;
        after = read;
      }
    }
  } finally {
    await past?.close();
  }
}

interface Round extends Pick<CatchUp, "bus" | "tail" | "reader"> {
  past: Past;
  gaps: GapWatch;
}

/** Reads on up to what was the last wanted message when the round began; gives the sequence that is done, or null. */
async function readRound({ bus, tail, reader, past, gaps }: Round, begin: number | null): Promise<number | null> {
  const { last_seq } = await bus.stream(tail.stream);
  const target = await bus.lastMessage(tail.stream, reader.pattern);
  let after = begin;
  const finish = async (seq: number): Promise<number> => {
    if (after !== null) await gaps.pass(after, seq + 1);
    await gaps.settle(seq);
    return seq;
  };
  if (!target || target.seq <= (after ?? 0)) return finish(Math.max(after ?? 0, last_seq));
  for (;;) {
    const message = await past.next();
    if (!message) return after;
    if (!(await reader.room(message.seq))) return null;
    if (message.seq > (after ?? 0)) {
      if (after !== null) await gaps.pass(after, message.seq);
      reader.deliver(new SharedMessage(message));
      after = message.seq;
    }
    if (message.seq >= target.seq || message.pending === 0) return finish(Math.max(message.seq, last_seq));
  }
}
