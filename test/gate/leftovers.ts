import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** In the environment of everything that the gate starts; its value is the gate's own id. */
export const GATE_MARKER = "GATEHOUSE_GATE";
const GRACE_MS = 5_000;

export interface Leftover {
  pid: number;
  command: string;
}

/** The running processes that carry this gate's marker, found in /proc. A zombie has no environment and is none. */
async function processesOf(id: string): Promise<Leftover[]> {
  const marker = `${GATE_MARKER}=${id}`;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid): Promise<Leftover | null> => {
      const environment = await readText(`/proc/${pid}/environ`);
      if (!environment.split("\0").includes(marker)) return null;
      const command = (await readText(`/proc/${pid}/cmdline`)).replaceAll("\0", " ").trim();
      return { pid, command: command.slice(0, 200) };
    }),
  );
  return found.filter((process) => process !== null);
}

/** Waits up to 5 s for the gate's processes to be gone, then kills and returns those that are not. */
export async function endLeftovers(id: string, grace_ms: number = GRACE_MS): Promise<Leftover[]> {
  const until = performance.now() + grace_ms;
  let left = await processesOf(id);
  while (left.length > 0 && performance.now() < until) {
    await delay(100);
    left = await processesOf(id);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  return left;
}

/** Another user's process cannot be read, and one that has just ended is no longer there: both read as empty. */
const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
