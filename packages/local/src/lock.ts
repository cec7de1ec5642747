import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { HomeInUseError } from "./errors.ts";
import { readJson } from "./private-file.ts";
import { isAlive, readProcess } from "./process-table.ts";

/** Who holds a lock: a process and when it started. */
export interface Holder {
  pid: number;
  started: string;
}

/**
 * Takes the lock at `path` for this process. A holder that died is succeeded: the right to do so is a lock of its own,
 * named after the dead holder, so of several that see it dead exactly one goes on.
 *
 * @throws {HomeInUseError} when a living process holds it, naming its pid
 */
export function takeLock(path: string): Holder {
  const self: Holder = { pid: process.pid, started: readProcess(process.pid)?.started ?? "" };
  const ours = `${path}.${self.pid}`;
  writeFileSync(ours, JSON.stringify(self), { mode: 0o600 });
  try {
    while (!create(ours, path)) {
      const holder = readHolder(path);
      if (holder === null) continue;
      if (isAlive(holder.pid, holder.started)) throw inUse(path, holder);
      const succession = `${path}.after-${holder.pid}-${holder.started}`;
      const claim = takeLock(succession);
      const still = readHolder(path);
      const succeeded = still?.pid === holder.pid && still.started === holder.started;
      if (succeeded) renameSync(ours, path);
      releaseLock(succession, claim);
      if (succeeded) break;
    }
  } finally {
    rmSync(ours, { force: true });
  }
  return self;
}

/** Gives the lock back; does nothing when it belongs to somebody else by now. */
export function releaseLock(path: string, self: Holder): void {
  const holder = readHolder(path);
  if (holder?.pid === self.pid && holder.started === self.started) rmSync(path, { force: true });
}

/** Null when nobody holds the lock. A file that a power cut damaged belongs to nobody who lives. */
function readHolder(path: string): Holder | null {
  return readJson<Holder>(path) ?? (existsSync(path) ? { pid: 0, started: "damaged" } : null);
}

function create(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function inUse(path: string, holder: Holder): Error {
  return new HomeInUseError(`Cannot take "${path}" as it must be free: process ${holder.pid} holds it`, {
    facts: { pid: holder.pid },
  });
}
