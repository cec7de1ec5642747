import { statfsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readProcess } from "./process-table.ts";
import type { Answer } from "./recipe.ts";

/** How often a server is asked, and for how long one that was stopped by a signal may stay so: usually it shall go on. */
export interface HealthPace {
  every_ms: number;
  answer_within_ms: number;
  stopped_patience_ms: number;
}

const ANSWER_WITHIN_MS = 2000;
/** An answer that came in this much after its deadline says that our own process was held up, not the server. */
const OWN_DELAY_MS = 500;
const MAX_MISSES = 3;
export const USUAL_PACE: HealthPace = {
  every_ms: 2000,
  answer_within_ms: ANSWER_WITHIN_MS,
  stopped_patience_ms: 15_000,
};
/** With less room a restart would not help. */
const ROOM_BYTES = 64 * 1024 * 1024;

/**
 * Resolves with true when a living server has missed three questions, 2 s apart, and a restart may help: there is room
 * on the disk, and it was not stopped by a signal (then only after 15 s). Resolves with false when `signal` aborts.
 */
export async function watchHealth(
  { pid, dir, probe }: { pid: number; dir: string; probe: (signal: AbortSignal) => Promise<Answer> },
  signal: AbortSignal,
  { every_ms, answer_within_ms, stopped_patience_ms }: HealthPace = USUAL_PACE,
): Promise<boolean> {
  let misses = 0;
  let stopped_at: number | null = null;
  while (await pause(every_ms, signal)) {
    const asked_at = performance.now();
    const answered = await answers(probe, signal, answer_within_ms);
    const took_ms = performance.now() - asked_at;
    const stopped = readProcess(pid)?.state === "T";
    stopped_at = stopped && !answered ? (stopped_at ?? asked_at) : null;
    if (answered) misses = 0;
    else if (!stopped && took_ms < answer_within_ms + OWN_DELAY_MS) misses++;
    const out_of_patience = stopped_at !== null && performance.now() - stopped_at >= stopped_patience_ms;
    if ((misses >= MAX_MISSES || out_of_patience) && hasRoom(dir)) return !signal.aborted;
  }
  return false;
}

/** Asks once, bounded; whatever goes wrong is no answer. */
export async function answers(
  probe: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
  within_ms = ANSWER_WITHIN_MS,
): Promise<Answer | null> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), within_ms);
  try {
    return await probe(AbortSignal.any([signal, late.signal]));
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits; false when `signal` aborted meanwhile. */
export async function pause(wait_ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(wait_ms, true, { signal }).catch(() => false);
}

function hasRoom(dir: string): boolean {
  const disk = statfsSync(dir);
  return disk.bavail * disk.bsize > ROOM_BYTES;
}
