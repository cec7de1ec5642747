import { randomUUID } from "node:crypto";
import { lstat, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadMediaKeyError, MediaFullError } from "./errors.ts";
import { ifThere, removeFile, TEMPORARY_PREFIX } from "./media-scan.ts";
import type { WalkedFolders } from "./walked-folders.ts";

/** Folders may be swept away between making one and writing into it; more often than this is a fault. */
const ATTEMPTS = 3;

/** Where files are written: below a root, in folders that were walked to before or will be. */
export interface WritePlace {
  root: string;
  walked: WalkedFolders;
}

/** What one write changed on the disk. */
export interface MediaWritten {
  added_bytes: number;
  added_files: number;
}

/**
 * Writes a file below `root` so that readers see the old content, or all of the new: a temporary file in the same
 * folder, then a rename. A process that is killed leaves at most the temporary file. Not forced to the disk: a power
 * cut may lose or empty the newest files.
 * @throws {MediaFullError} when the disk (or quota) is full
 * @throws {BadMediaKeyError} when the key leads through a link or a file, or to a folder
 */
export async function writeMedia(
  { root, walked }: WritePlace,
  segments: readonly string[],
  bytes: Uint8Array,
): Promise<MediaWritten> {
  const path = join(root, ...segments);
  const folder = dirname(path);
  for (let attempt = 1; ; attempt++) {
    try {
      const [known, before] = await Promise.all([walked.has(folder), ifThere(lstat(path))]);
      if (!known) {
        await makeFolders(root, segments);
        await walked.add(folder);
      }
      await replaceFile(path, bytes);
      return { added_bytes: bytes.length - (before?.size ?? 0), added_files: before === null ? 1 : 0 };
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOENT" || attempt === ATTEMPTS) throw explain(thrown, segments.join("/"), bytes.length);
    }
  }
}

/** Whether every folder on the way is a folder of its own, not a link. False when one is missing. */
export async function hasRealFolders(root: string, segments: readonly string[]): Promise<boolean> {
  let folder = root;
  for (const segment of segments.slice(0, -1)) {
    folder = join(folder, segment);
    if (!(await ifThere(lstat(folder)))?.isDirectory()) return false;
  }
  return true;
}

async function makeFolders(root: string, segments: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true });
  let folder = root;
  for (const segment of segments.slice(0, -1)) {
    folder = join(folder, segment);
    const found = (await ifThere(lstat(folder))) ?? (await makeFolder(folder));
    if (found !== null && !found.isDirectory()) {
      throw new BadMediaKeyError(
        `Cannot store media "${segments.join("/")}" as every part before the last must be a folder: "${segment}" is a file or a link`,
      );
    }
  }
}

/** Null when it was made; what is there when another process was faster. */
async function makeFolder(folder: string): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    await mkdir(folder);
    return null;
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
    return lstat(folder);
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${randomUUID()}`);
  try {
    await writeFile(temporary, bytes, { flag: "wx" });
    await rename(temporary, path);
  } catch (thrown) {
    await removeFile(temporary);
    throw thrown;
  }
}

function explain(thrown: unknown, key: string, bytes: number): unknown {
  const code = codeOf(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new MediaFullError(`Cannot store media "${key}" as ${bytes} bytes must fit on the disk: it is full`, {
      cause: thrown,
      facts: { bytes },
    });
  }
  if (code === "EISDIR" || code === "ENOTDIR") {
    return new BadMediaKeyError(`Cannot store media "${key}" as its place must be a file: a folder is there`, {
      cause: thrown,
    });
  }
  return thrown;
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
}
