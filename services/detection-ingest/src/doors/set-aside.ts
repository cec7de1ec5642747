import { lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { type InboxFile, isPlainFolder, isUnchanged } from "./inbox-file.ts";

/** Where refused files are, below the root. */
export const REFUSED = ".refused";
const KEPT_FILES = 200;
const KEPT_BYTES = 512 * 1024 * 1024;

/** Moves a refused file to `.refused/{camera_id}`, where the newest 200 (together 512 MiB) of a camera are kept. */
export async function setAside(root: string, file: InboxFile): Promise<void> {
  if (!(await isUnchanged(file))) return;
  const folder = join(root, REFUSED, file.camera_id);
  await mkdir(folder, { recursive: true });
  for (const part of [join(root, REFUSED), folder])
    if (!(await isPlainFolder(part)))
      throw new Error(`Cannot keep refused files in "${part}" as it must be a folder, not a link`);
  const name = `${file.frame_id}${extname(file.found.name).toLowerCase()}`;
  await rename(join(file.path, file.found.name), join(folder, name));
  await removeOldest(folder, name);
}

async function removeOldest(folder: string, newest: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== newest);
  const files = await Promise.all(names.map((name) => describe(join(folder, name))));
  const newestFirst = files.filter((file) => file !== null).sort((a, b) => b.moved_ms - a.moved_ms);
  let bytes = (await describe(join(folder, newest)))?.size ?? 0;
  for (const [index, { path, size }] of newestFirst.entries()) {
    bytes += size;
    if (index + 1 >= KEPT_FILES || bytes > KEPT_BYTES) await rm(path, { force: true });
  }
}

async function describe(path: string): Promise<{ path: string; size: number; moved_ms: number } | null> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() ? { path, size: stats.size, moved_ms: stats.ctimeMs } : null;
}
