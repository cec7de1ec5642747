import { readdirSync, readlinkSync } from "node:fs";
import type { Child } from "./children.ts";
import { readProcess, sendSignal } from "./process-table.ts";
import { ended, stopLeftovers } from "./stop-leftovers.ts";

const GONE_WITHIN_MS = 2000;

/**
 * Ends every Postgres process that works in the data folder `data`: first a server of an earlier start that was not
 * recorded, in order; then by SIGKILL the backends whose server was killed. Those notice it only when they next wait for
 * their client, and until then a long statement keeps the shared memory, and so the next server, waiting.
 *
 * @param server the pid in `postmaster.pid`; null when there is none
 */
export async function stopStragglers(data: string, server: number | null): Promise<void> {
  const found = workingIn(data);
  await stopLeftovers(found.filter(({ pid }) => pid === server));
  for (const { pid } of found) sendSignal(pid, "SIGKILL");
  await Promise.all(found.map((child) => ended(child, GONE_WITHIN_MS)));
}

/** All Postgres processes have the data folder as their working directory. */
function workingIn(data: string): Child[] {
  const found: Child[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || workingDirectory(pid) !== data) continue;
    const facts = readProcess(pid);
    if (facts?.command === "postgres") found.push({ name: "postgres", pid, started: facts.started });
  }
  return found;
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
