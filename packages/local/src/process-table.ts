import { readdirSync, readFileSync } from "node:fs";

/** What the kernel says about a process. `started` (clock ticks since boot) tells it from a later one with the same pid. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  /** Name of the program, at most 15 characters. */
  command: string;
  /** One letter, as in proc(5): R runs, S sleeps, T is stopped by a signal, Z has ended. */
  state: string;
  started: string;
}

/** Looks a process up in /proc; null when it does not exist or has ended and only waits to be reaped. */
export function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may itself hold spaces and parentheses; field 3 (state) follows the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = ""] = fields;
    if (state === "Z" || state === "X") return null;
    const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    return { pid, command, parent: Number(parent), state, started: fields[19] ?? "" };
  } catch {
    return null;
  }
}

/** Whether the very process that was seen with this start time still lives. */
export function isAlive(pid: number, started: string): boolean {
  return readProcess(pid)?.started === started;
}

/** The pids of all living descendants of a process, nearest first. */
export function descendantsOf(pid: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((facts) => facts !== null);
  const found = [pid];
  for (const ancestor of found)
    found.push(...all.filter(({ parent }) => parent === ancestor).map((facts) => facts.pid));
  return found.slice(1);
}

/** Sends a signal; false when no such process is left. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
