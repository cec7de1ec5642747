import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Bytes that the files of a folder take on disk; 0 when it does not exist. Files that vanish meanwhile do not count. */
export function folderBytes(dir: string): number {
  let bytes = 0;
  for (const name of namesIn(dir)) {
    const stat = lstatSync(join(dir, name), { throwIfNoEntry: false });
    if (stat?.isFile()) bytes += stat.blocks * 512;
  }
  return bytes;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
