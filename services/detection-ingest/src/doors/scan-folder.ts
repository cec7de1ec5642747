import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { type FoundFile, kindOf } from "./file-names.ts";
import { olderFirst } from "./stability.ts";

export interface ScanOptions {
  /** The oldest so many are found; the others' turn comes when these are gone. */
  limit: number;
  /** Names that are not looked at now. */
  skip(name: string): boolean;
  signal: AbortSignal;
}

const AT_ONCE = 32;

/** The oldest pictures and videos of a folder. Reads it piece by piece: memory is bounded by `limit`, not by the folder. */
export async function scanFolder(path: string, { limit, skip, signal }: ScanOptions): Promise<FoundFile[]> {
  let oldest: FoundFile[] = [];
  let names: string[] = [];
  const take = async () => {
    oldest.push(...(await lookAtAll(path, names)));
    names = [];
    if (oldest.length > 2 * limit) oldest = oldest.sort(olderFirst).slice(0, limit);
  };
  for await (const entry of await opendir(path, { bufferSize: AT_ONCE })) {
    if (signal.aborted) break;
    if (!mayBePlain(entry) || kindOf(entry.name) === null || skip(entry.name)) continue;
    names.push(entry.name);
    if (names.length === AT_ONCE) await take();
  }
  await take();
  return oldest.sort(olderFirst).slice(0, limit);
}

async function lookAtAll(path: string, names: readonly string[]): Promise<FoundFile[]> {
  const found = await Promise.all(names.map((name) => lookAt(path, name)));
  return found.filter((file) => file !== null);
}

/** The file as it is now; null when it is gone, is a link, or is no plain file. */
export async function lookAt(path: string, name: string): Promise<FoundFile | null> {
  const kind = kindOf(name);
  const stats = await lstat(join(path, name)).catch(() => null);
  if (kind === null || !stats?.isFile()) return null;
  return { name, kind, size: stats.size, mtime_ms: Math.floor(stats.mtimeMs) };
}

/** Some file systems do not say what an entry is: those are looked at. */
function mayBePlain(entry: Dirent): boolean {
  return entry.isFile() || !(entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket());
}
