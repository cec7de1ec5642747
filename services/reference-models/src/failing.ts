import type { FastifyReply } from "fastify";
import { OutOfMemoryError, SwitchedFailureError } from "./errors.ts";
import { type DoorFailures, pause } from "./failures.ts";

/** How the switches let a request go on: `gone` when its client left meanwhile. */
export type Fate = "worked on" | "hangs" | "gone" | "garbage";

/**
 * What the switches have in store for a request, after the switched latency; over any protocol.
 * @throws {SwitchedFailureError} with the fact `status` @throws {OutOfMemoryError}
 */
export async function fateOf(
  switches: DoorFailures,
  { random, signal }: { random: () => number; signal: AbortSignal },
): Promise<Fate> {
  if (switches.hang) return "hangs";
  if (switches.latency_ms > 0 && !(await pause(switches.latency_ms, signal))) return "gone";
  if (switches.out_of_memory)
    throw new OutOfMemoryError(
      "CUDA out of memory. Tried to allocate 1.17 GiB (GPU 0; 23.68 GiB total capacity; 312.00 MiB free)",
    );
  if (switches.error_rate > 0 && random() < switches.error_rate)
    throw new SwitchedFailureError("Cannot answer as a failure switch is on", { facts: { status: switches.status } });
  return switches.garbage ? "garbage" : "worked on";
}

/**
 * Lets an HTTP request fail as the switches say, before it is worked on.
 * @returns whether the request goes on; false when it was answered with garbage, left hanging, or the client is gone
 * @throws {SwitchedFailureError} with the fact `status` @throws {OutOfMemoryError}
 */
export async function failAsSwitched(
  switches: DoorFailures,
  reply: FastifyReply,
  given: { random: () => number; signal: AbortSignal },
): Promise<boolean> {
  const fate = await fateOf(switches, given);
  if (fate === "worked on") return true;
  if (fate === "garbage") void reply.type("application/json").send("\u0000<<<not json");
  else reply.hijack();
  return false;
}

/** Numbers 0..1, the same sequence for the same seed (mulberry32). */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A signal that aborts when the client goes away before its answer is complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
