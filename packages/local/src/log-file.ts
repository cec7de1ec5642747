import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";

const MAX_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 2000;

/** Opens a server's log for appending (0600); one over 10 MiB becomes `<path>.1` first. The caller closes the descriptor. */
export function openLog(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat && stat.size > MAX_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** The last lines of a log, for an error message. */
export function logTail(path: string): string {
  const file = openSync(path, "a+");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8").trim().split("\n").slice(-8).join("\n");
  } finally {
    closeSync(file);
  }
}
