import { type BigIntStats, constants, existsSync } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath } from "node:fs/promises";
import { FileUnreadableError } from "../../errors.ts";
import { findInside } from "./documents-folder.ts";

/** Of a document. */
export const MOST_BYTES = 32 * 1024 * 1024;
const TRIES = 3;
/** A pipe has no writer to wait for, and a link is not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file in the folder of documents, at most 32 MiB, as it was at one moment: it is read again when it changes meanwhile.
 * `opened_files`: where the system tells what was opened.
 * @throws {FileUnreadableError | PathRefusedError}
 */
export async function readFileInside(
  folder: string,
  name: string,
  { opened_files = "/proc/self/fd" }: { opened_files?: string } = {},
): Promise<Uint8Array> {
  const { path } = await findInside(folder, name);
  try {
    await using file = await open(path, FLAGS);
    await assertOpened(file, { path, name, opened_files });
    for (let left = TRIES; left > 0; left--) {
      const body = await readStill(file, name);
      if (body) return body;
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : unreadable(name, `must be readable: ${code}`);
  }
  throw unreadable(name, "must stay the same while it is read");
}

/** The name may have led elsewhere when it was opened, and a second name may lie anywhere. */
async function assertOpened(
  file: FileHandle,
  { path, name, opened_files }: { path: string; name: string; opened_files: string },
): Promise<void> {
  const opened = await file.stat({ bigint: true });
  if (!opened.isFile()) throw unreadable(name, "must be a file");
  if (opened.nlink > 1n) throw unreadable(name, `must have no other name: it has ${opened.nlink} (hard links)`);
  const told = existsSync(opened_files);
  const stays = told ? (await readlink(`${opened_files}/${file.fd}`)) === path : await liesAt(path, opened);
  if (!stays) throw unreadable(name, "must stay in its place");
}

/** Whether it is what lies there now: where the system does not tell where what was opened lies. */
async function liesAt(path: string, opened: BigIntStats): Promise<boolean> {
  const there = await lstat(path, { bigint: true });
  return there.dev === opened.dev && there.ino === opened.ino && (await realpath(path)) === path;
}

/** Null: it changed meanwhile. */
async function readStill(file: FileHandle, name: string): Promise<Uint8Array | null> {
  const before = await file.stat({ bigint: true });
  if (before.size > MOST_BYTES) throw unreadable(name, `must have at most ${MOST_BYTES} bytes: it has ${before.size}`);
  // One more byte shows that it has grown.
  const buffer = Buffer.alloc(Number(before.size) + 1);
  let read = 0;
  for (let more = 1; more > 0 && read < buffer.length; read += more)
    more = (await file.read(buffer, read, buffer.length - read, read)).bytesRead;
  const after = await file.stat({ bigint: true });
  const still = before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs && BigInt(read) === before.size;
  return still ? buffer.subarray(0, read) : null;
}

function unreadable(name: string, wanted: string): Error {
  return new FileUnreadableError(`Cannot take in ${JSON.stringify(name.slice(0, 256))} as it ${wanted}`);
}
