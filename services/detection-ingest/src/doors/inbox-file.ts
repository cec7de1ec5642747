import { constants } from "node:fs";
import { lstat, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { FoundFile } from "./file-names.ts";
import { lookAt } from "./scan-folder.ts";

/** A stable file, and whose it is. */
export interface InboxFile {
  camera_id: string;
  /** Of the camera's folder. */
  path: string;
  found: FoundFile;
  frame_id: string;
}

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** At most `max_bytes` of the file; null when it is gone, has become a link, or is no longer what was found. */
export async function readUnchanged({ path, found }: InboxFile, max_bytes: number): Promise<Uint8Array | null> {
  if (!(await isPlainFolder(path))) return null;
  const handle = await open(join(path, found.name), READ_ONLY).catch(nullWhenGone);
  if (handle === null) return null;
  try {
    const bytes = Buffer.allocUnsafe(Math.min(found.size, max_bytes));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) return null;
      length += bytesRead;
    }
    const now = await handle.stat();
    return now.isFile() && sameFile(found, { size: now.size, mtime_ms: Math.floor(now.mtimeMs) }) ? bytes : null;
  } finally {
    await handle.close();
  }
}

/** Whether the file is there, a plain one, and as it was found. */
export async function isUnchanged({ path, found }: InboxFile): Promise<boolean> {
  const now = (await isPlainFolder(path)) ? await lookAt(path, found.name) : null;
  return now !== null && sameFile(found, now);
}

/** Removes the file, unless another one came under its name. */
export async function removeUnchanged(file: InboxFile): Promise<void> {
  if (await isUnchanged(file)) await unlink(join(file.path, file.found.name)).catch(nullWhenGone);
}

/** A folder that is really there: not a link to one. */
export async function isPlainFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(nullWhenGone))?.isDirectory() ?? false;
}

type Version = Pick<FoundFile, "size" | "mtime_ms">;
const sameFile = (a: Version, b: Version): boolean => a.size === b.size && a.mtime_ms === b.mtime_ms;

/** A file that vanished, or was replaced by a link, is none of ours any more. */
function nullWhenGone(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === "ENOENT" || thrown.code === "ELOOP" || thrown.code === "ENOTDIR") return null;
  throw thrown;
}
