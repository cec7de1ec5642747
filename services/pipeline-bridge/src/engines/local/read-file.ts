import { constants } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import { FileUnreadableError } from "../../errors.ts";
import { findInside } from "./documents-folder.ts";

/** Of a document. */
export const MOST_BYTES = 32 * 1024 * 1024;
const TRIES = 3;
/** A pipe has no writer to wait for, and a link is not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file in the folder of documents, at most 32 MiB, as it was at one moment: it is read again when it changes meanwhile.
 * @throws {FileUnreadableError | PathRefusedError}
 */
export async function readFileInside(folder: string, name: string): Promise<Uint8Array> {
  const { path } = await findInside(folder, name);
  try {
    await using file = await open(path, FLAGS);
    await assertOpened(file, { path, name });
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

/** The name may have led elsewhere when it was opened. Only the system knows where what was opened lies. */
async function assertOpened(file: FileHandle, { path, name }: { path: string; name: string }): Promise<void> {
  if (!(await file.stat()).isFile()) throw unreadable(name, "must be a file");
  if ((await readlink(`/proc/self/fd/${file.fd}`)) !== path) throw unreadable(name, "must stay in its place");
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
