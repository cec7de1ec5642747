import { lstat, opendir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { DOCUMENT_ENDINGS, documentType } from "@gatehouse/runtime";
import { PathRefusedError } from "../../errors.ts";
import { findInside, type Inside } from "./documents-folder.ts";
import { nothingPassed, type PassedOver, passedWords } from "./passed-over.ts";

/** What is to be taken in. */
export interface FoundFiles {
  /** Paths in the folder of documents, in order. */
  names: string[];
  passed: PassedOver;
}

const LIMITS = { files: 1_000, entries: 100_000, depth: 32 };

/**
 * The documents at a path: the file, or all in the folder and in those below, but nothing hidden, nothing behind a link and
 * nothing that has a second name.
 * @throws {PathRefusedError} when there is none, nothing can be read there, it leads outside, or there is too much
 */
export async function listFiles(
  folder: string,
  name: string,
  { signal }: { signal: AbortSignal },
): Promise<FoundFiles> {
  const inside = await findInside(folder, name);
  const found = await stat(inside.path).catch((error: NodeJS.ErrnoException) => notReadable(name, error));
  if (found.isDirectory()) {
    const walked = await walk(inside, signal);
    if (walked.names.length > 0) return walked;
    throw refused(name, ["it must have a document in it", passedWords(walked.passed)].filter(Boolean).join(": "));
  }
  if (!found.isFile() || !documentType(name))
    throw refused(name, `it must be a folder, or a file that ends in ${DOCUMENT_ENDINGS.join(", ")}`);
  if (found.nlink > 1) throw refused(name, `it must have no other name: it has ${found.nlink} (hard links)`);
  if (found.size === 0) throw refused(name, "it must not be empty");
  return { names: [relative(inside.root, inside.path)], passed: nothingPassed() };
}

async function walk({ root, path: from }: Inside, signal: AbortSignal): Promise<FoundFiles> {
  const names: string[] = [];
  const passed = nothingPassed();
  let entries = 0;
  const open = [{ path: from, depth: 1 }];
  for (let at = open.pop(); at; at = open.pop()) {
    if (at.depth > LIMITS.depth) throw tooMuch(`at most ${LIMITS.depth} folders in each other`);
    for await (const entry of await readable(at.path, relative(root, at.path))) {
      signal.throwIfAborted();
      if (++entries > LIMITS.entries) throw tooMuch(`at most ${LIMITS.entries} entries`);
      if (entry.name.startsWith(".")) continue;
      const path = join(at.path, entry.name);
      if (entry.isDirectory()) open.push({ path, depth: at.depth + 1 });
      else if (entry.isSymbolicLink() || entry.isFile()) {
        const why = entry.isSymbolicLink() ? "links" : await passedFor(path);
        if (why === null) names.push(relative(root, path));
        else passed[why]++;
      }
      if (names.length > LIMITS.files) throw tooMuch(`at most ${LIMITS.files} documents`);
    }
  }
  return { names: names.sort(), passed };
}

/** Why a file is not taken; null: it is. */
async function passedFor(path: string): Promise<keyof PassedOver | null> {
  if (!documentType(path)) return "others";
  const found = await lstat(path).catch(() => null);
  if (!found) return "unnamed";
  if (found.nlink > 1) return "linked";
  return found.size === 0 ? "empty" : null;
}

async function readable(path: string, name: string) {
  try {
    return await opendir(path);
  } catch (error) {
    return notReadable(name, error as NodeJS.ErrnoException);
  }
}

function notReadable(name: string, error: NodeJS.ErrnoException): never {
  throw refused(name, `it must be readable: ${error.code ?? error.message}`, error);
}

function refused(name: string, why: string, cause?: Error): Error {
  return new PathRefusedError(`Cannot take in ${JSON.stringify(name)} as ${why}`, { cause });
}

function tooMuch(wanted: string): Error {
  return new PathRefusedError(
    `Cannot take in the folder as it must have ${wanted}: its parts can be taken in one by one`,
  );
}
