import type { EventType, Received } from "./define-event.ts";
import { subjectOf } from "./subjects.ts";

/** A message as the broker hands it over. */
export function received(subject: string, body: Uint8Array | string, own: Partial<Received> = {}): Received {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  return { subject, body: bytes, seq: 7, time_ms: 1_763_700_000_123, msg_id: null, ...own };
}

/** A message on the subject of the event's example. */
export function receivedAs(event: EventType, body: Uint8Array | string): Received {
  return received(subjectOf(event, event.example), body);
}

/** What a call threw; a call that returns is a failure. */
export function thrownBy(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected the call to throw");
}

/** Numbers 0..1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
