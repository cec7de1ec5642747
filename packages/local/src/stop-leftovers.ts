import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./children.ts";
import { descendantsOf, isAlive, sendSignal } from "./process-table.ts";

/** How long a process that was left behind may take to end by itself. */
const GRACE_MS = 5000;
/** How long the kernel may take to remove a process after SIGKILL. */
const KILL_MS = 2000;

/**
 * Stops processes that an earlier start left behind: asked first (Postgres by SIGINT, which does not wait for its
 * clients), killed with their descendants after 5 s. A pid that belongs to another process by now is left alone.
 *
 * @returns those that were still alive
 */
export async function stopLeftovers(recorded: Child[]): Promise<Child[]> {
  const alive = recorded.filter(({ pid, started }) => isAlive(pid, started));
  await Promise.all(alive.map(stopOne));
  return alive;
}

async function stopOne(child: Child): Promise<void> {
  sendSignal(child.pid, child.name === "postgres" ? "SIGINT" : "SIGTERM");
  sendSignal(child.pid, "SIGCONT");
  if (await ended(child, GRACE_MS)) return;
  for (const pid of [child.pid, ...descendantsOf(child.pid)]) sendSignal(pid, "SIGKILL");
  await ended(child, KILL_MS);
}

/** Waits until a process is gone; false when it is not in time. For processes that are not our own children. */
export async function ended({ pid, started }: Child, within_ms: number): Promise<boolean> {
  const end = performance.now() + within_ms;
  while (isAlive(pid, started)) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
