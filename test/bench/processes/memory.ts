import { readFileSync } from "node:fs";
import { familyOf } from "../measure/cpu.ts";

/** Memory of a process and all below it, in MB: resident, and its share of what is mapped by several. */
export function memoryOf(pid: number): { rss_mb: number; pss_mb: number } {
  const all = familyOf(pid).map((member) => smaps(member));
  const sum = (name: string): number =>
    all.reduce((kb, text) => kb + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0), 0) / 1_024;
  return { rss_mb: sum("Rss"), pss_mb: sum("Pss") };
}

function smaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  } catch {
    return "";
  }
}
