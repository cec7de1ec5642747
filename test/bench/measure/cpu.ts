import { readdirSync, readFileSync } from "node:fs";

const TICK_US = 10_000;

/** CPU time that a process and its threads used so far, user and system, in microseconds; steps of 10 ms. 0 when it is gone. */
export const cpuOf = (pid: number): number => ticksOf(pid, 2) * TICK_US;

/** The same of a process and all below it, also of those that ended and were waited for. */
const familyCpu = (pid: number): number => familyOf(pid).reduce((sum, member) => sum + ticksOf(member, 4), 0) * TICK_US;

/** The first so many of: user, system, user and system of children that were waited for. */
function ticksOf(pid: number, count: 2 | 4): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields.slice(11, 11 + count).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0;
  }
}

/** A process and all below it. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)));
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

function parentOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** CPU time that the whole machine used so far, in microseconds. */
function machineCpu(): number {
  const line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!;
  const [user, nice, system, , , irq, softirq] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + softirq!) * TICK_US;
}

/** What was used while something ran. */
export interface CpuUsed {
  elapsed_ms: number;
  /** Microseconds by name. */
  by_name: Record<string, number>;
  /** Cores that processes outside the measurement used. */
  foreign_cores: number;
}

/** Begins to measure the CPU time of named processes, each with all that is below it; the result ends it. */
export function startCpu(pids: Readonly<Record<string, number>>): () => CpuUsed {
  const names = Object.keys(pids);
  const used = () => names.map((name) => familyCpu(pids[name]!));
  const before = used();
  const machine_before = machineCpu();
  const began_ms = performance.now();
  return () => {
    const elapsed_ms = performance.now() - began_ms;
    const deltas = used().map((value, i) => Math.max(0, value - before[i]!));
    const all = machineCpu() - machine_before;
    const ours = deltas.reduce((sum, value) => sum + value, 0);
    return {
      elapsed_ms,
      by_name: Object.fromEntries(names.map((name, i) => [name, deltas[i]!])),
      foreign_cores: Math.max(0, all - ours) / 1_000 / elapsed_ms,
    };
  };
}
