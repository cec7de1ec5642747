import { readFile } from "node:fs/promises";

/** Whether a process is running. One that has ended and that nobody has collected yet is not. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "(gone) X");
  return !/\) [ZX]/.test(stat);
}
