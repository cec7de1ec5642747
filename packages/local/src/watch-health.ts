import { statfsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readProcess } from "./process-table.ts";
import type { Answer } from "./recipe.ts";

const EVERY_MS = 2000;
const ANSWER_WITHIN_MS = 2000;
/** An answer that came in this much after its deadline says that our own process was held up, not the server. */
const OWN_DELAY_MS = 500;
const MAX_MISSES = 3;
/** Somebody who stops a process by a signal usually wants it to go on. */
const STOPPED_PATIENCE_MS = 15_000;
/** With less room a restart would not help. */
const ROOM_BYTES = 64 * 1024 * 1024;

/**
 * Resolves with true when a living server has missed three questions, 2 s apart, and a restart may help: there is room
 * on the disk, and it was not stopped by a signal (then only after 15 s). Resolves with false when `signal` aborts.
 */
export async function watchHealth(
  { pid, dir, probe }: { pid: number; dir: string; probe: (signal: AbortSignal) => Promise<Answer> },
  signal: AbortSignal,
): Promise<boolean> {
  let misses = 0;
  let stopped_at: number | null = null;
  while (await pause(EVERY_MS, signal)) {
    const asked_at = performance.now();
    const answered = await answers(probe, signal);
    const took_ms = performance.now() - asked_at;
    const stopped = readProcess(pid)?.state === "T";
    stopped_at = stopped && !answered ? (stopped_at ?? asked_at) : null;
    if (answered) misses = 0;
    else if (!stopped && took_ms < ANSWER_WITHIN_MS + OWN_DELAY_MS) misses++;
    const out_of_patience = stopped_at !== null && performance.now() - stopped_at >= STOPPED_PATIENCE_MS;
    if ((misses >= MAX_MISSES || out_of_patience) && hasRoom(dir)) return !signal.aborted;
  }
  return false;
}

/** Asks once, bounded; whatever goes wrong is no answer. */
export async function answers(
  probe: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer | null> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS);
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
