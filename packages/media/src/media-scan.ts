import type { Dirent } from "node:fs";
import { lstat, opendir, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/** The first character of temporary files: no key can begin with it. */
export const TEMPORARY_PREFIX = "~";
/** A temporary file or an empty folder that is older than this belongs to nobody: no put takes as long. */
const STRAY_AFTER_MS = 60_000;

/** A file below the root. */
interface MediaFile {
  path: string;
  bytes: number;
  mtime_ms: number;
}

/** What is below a root, after stray temporary files and empty folders were removed. */
export interface MediaScan {
  files: MediaFile[];
  /** Of all files, those just being written included. */
  bytes: number;
  removed_files: number;
  removed_bytes: number;
}

/**
 * Walks over everything below `root`, never through a link, and clears what killed processes left.
 * Files that vanish meanwhile are not counted: other processes share the root. Ends early when `signal` aborts.
 */
export async function scanMedia(root: string, signal: AbortSignal): Promise<MediaScan> {
  const scan: MediaScan = { files: [], bytes: 0, removed_files: 0, removed_bytes: 0 };
  await scanFolder(root, { scan, signal, stray_before_ms: Date.now() - STRAY_AFTER_MS });
  return scan;
}

interface Walk {
  scan: MediaScan;
  signal: AbortSignal;
  stray_before_ms: number;
}

async function scanFolder(folder: string, walk: Walk): Promise<boolean> {
  let empty = true;
  for (const entry of await entriesOf(folder)) {
    if (walk.signal.aborted) return false;
    const path = join(folder, entry.name);
    const gone = entry.isDirectory()
      ? await scanSubfolder(path, walk)
      : entry.isFile() && (await scanFile(path, entry, walk));
    if (!gone) empty = false;
  }
  return empty;
}

/** Whether the folder is gone: an old empty one is removed, unless another process filled it just now. */
async function scanSubfolder(path: string, walk: Walk): Promise<boolean> {
  const modified_ms = (await ifThere(lstat(path)))?.mtimeMs ?? Number.POSITIVE_INFINITY;
  if (!(await scanFolder(path, walk)) || modified_ms >= walk.stray_before_ms) return false;
  return rmdir(path).then(
    () => true,
    () => false,
  );
}

async function scanFile(path: string, entry: Dirent, { scan, stray_before_ms }: Walk): Promise<boolean> {
  const found = await ifThere(lstat(path));
  if (found === null) return true;
  const temporary = entry.name.startsWith(TEMPORARY_PREFIX);
  if (temporary && found.mtimeMs < stray_before_ms) {
    if (!(await removeFile(path))) return true;
    scan.removed_files += 1;
    scan.removed_bytes += found.size;
    return true;
  }
  scan.bytes += found.size;
  if (!temporary) scan.files.push({ path, bytes: found.size, mtime_ms: found.mtimeMs });
  return false;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const open = await ifThere(opendir(folder));
  const entries: Dirent[] = [];
  if (open !== null) for await (const entry of open) entries.push(entry);
  return entries;
}

/** Removes a file; false when it was gone already. */
export async function removeFile(path: string): Promise<boolean> {
  return (await ifThere(unlink(path).then(() => true))) ?? false;
}

/** The result, or null when there is no such file. */
export async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR"))
      return null;
    throw thrown;
  }
}
