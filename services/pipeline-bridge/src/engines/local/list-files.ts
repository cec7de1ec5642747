import { opendir, stat } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { PathRefusedError } from "../../errors.ts";
import { findInside, type Inside } from "./documents-folder.ts";

/** What is to be taken in. */
export interface FoundFiles {
  /** Paths in the folder of documents, in order. */
  names: string[];
  /** Links that were met and not followed. */
  links: number;
}

const LIMITS = { files: 1_000, entries: 100_000, depth: 32 };

/** By the end of the file's name. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".md": "text/markdown",
  ".markdown": "text/markdown",
  ".txt": "text/plain",
  ".html": "text/html",
  ".htm": "text/html",
  ".pdf": "application/pdf",
};

export const mediaTypeOf = (name: string): string | undefined => MEDIA_TYPES[extname(name).toLowerCase()];

/**
 * The documents at a path: the file, or all in the folder and in those below, but nothing hidden and nothing behind a link.
 * @throws {PathRefusedError} when nothing can be read there, it leads outside, or there is too much
 */
export async function listFiles(
  folder: string,
  name: string,
  { signal }: { signal: AbortSignal },
): Promise<FoundFiles> {
  const inside = await findInside(folder, name);
  const found = await stat(inside.path).catch((error: NodeJS.ErrnoException) => notReadable(name, error));
  if (found.isDirectory()) return walk(inside, signal);
  if (found.isFile() && mediaTypeOf(name)) return { names: [relative(inside.root, inside.path)], links: 0 };
  const known = Object.keys(MEDIA_TYPES).join(", ");
  throw new PathRefusedError(
    `Cannot take in ${JSON.stringify(name)} as it must be a folder, or a file that ends in ${known}`,
  );
}

async function walk({ root, path: from }: Inside, signal: AbortSignal): Promise<FoundFiles> {
  const names: string[] = [];
  let [links, entries] = [0, 0];
  const open = [{ path: from, depth: 1 }];
  for (let at = open.pop(); at; at = open.pop()) {
    if (at.depth > LIMITS.depth) throw tooMuch(`at most ${LIMITS.depth} folders in each other`);
    for await (const entry of await readable(at.path, relative(root, at.path))) {
      signal.throwIfAborted();
      if (++entries > LIMITS.entries) throw tooMuch(`at most ${LIMITS.entries} entries`);
      if (entry.name.startsWith(".")) continue;
      const path = join(at.path, entry.name);
      if (entry.isSymbolicLink()) links++;
      else if (entry.isDirectory()) open.push({ path, depth: at.depth + 1 });
      else if (entry.isFile() && mediaTypeOf(entry.name)) names.push(relative(root, path));
      if (names.length > LIMITS.files) throw tooMuch(`at most ${LIMITS.files} documents`);
    }
  }
  return { names: names.sort(), links };
}

async function readable(path: string, name: string) {
  try {
    return await opendir(path);
  } catch (error) {
    return notReadable(name, error as NodeJS.ErrnoException);
  }
}

function notReadable(name: string, error: NodeJS.ErrnoException): never {
  const why = `it must be readable: ${error.code ?? error.message}`;
  throw new PathRefusedError(`Cannot take in ${JSON.stringify(name)} as ${why}`, { cause: error });
}

function tooMuch(wanted: string): Error {
  return new PathRefusedError(
    `Cannot take in the folder as it must have ${wanted}: its parts can be taken in one by one`,
  );
}
