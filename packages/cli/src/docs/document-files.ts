import { glob, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DOCUMENT_ENDINGS, documentType } from "@gatehouse/runtime";
import { UnreadableFileError, UsageError } from "../errors.ts";

/** A document on this machine. */
export interface DocumentFile {
  /** As a person would name it from here. */
  name: string;
  path: string;
  uri: string;
  media_type: string;
}

const MAGIC = /[*?[{]/;

/**
 * The documents that files, patterns and (with `recursive`) folders name, each once. Of folders and patterns only what can
 * be read is taken, nothing hidden.
 * @throws {UnreadableFileError} when one is not there
 * @throws {UsageError} when one can be no document
 */
export async function findDocumentFiles(
  names: readonly string[],
  { cwd, recursive }: { cwd: string; recursive: boolean },
): Promise<DocumentFile[]> {
  const found = new Map<string, DocumentFile>();
  for (const name of names)
    for (const path of await pathsOf(name, { cwd, recursive })) found.set(path, documentAt(path, cwd));
  return [...found.values()];
}

async function pathsOf(name: string, { cwd, recursive }: { cwd: string; recursive: boolean }): Promise<string[]> {
  const path = resolve(cwd, name);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const matched = MAGIC.test(name) ? await readable(name, cwd) : [];
    if (matched.length > 0) return matched;
    const wanted = MAGIC.test(name) ? "it must match .md, .txt, .html or .pdf files: it matches none" : found.code;
    throw new UnreadableFileError(`Cannot add "${name}": ${wanted}`, { cause: found });
  }
  if (found.isFile()) return [path];
  if (!found.isDirectory()) throw new UsageError(`Cannot add "${name}" as it must be a file: it is something else`);
  if (!recursive)
    throw new UsageError(`Cannot add "${name}" as it must be a file: it is a folder, --recursive takes it`);
  return readable("**/*", path);
}

async function readable(pattern: string, cwd: string): Promise<string[]> {
  const entries = glob(pattern, { cwd, withFileTypes: true, exclude: ({ name }) => name.startsWith(".") });
  const paths: string[] = [];
  for await (const entry of entries)
    if (entry.isFile() && documentType(entry.name)) paths.push(resolve(entry.parentPath, entry.name));
  return paths.sort();
}

function documentAt(path: string, cwd: string): DocumentFile {
  const media_type = documentType(path);
  const below = relative(cwd, path);
  const name = below.startsWith("..") ? path : below;
  if (!media_type) throw new UsageError(`Cannot add "${name}" as it must end in ${DOCUMENT_ENDINGS.join(", ")}`);
  return { name, path, uri: pathToFileURL(path).href, media_type };
}

/** What a text of unknown kind is: PDF and HTML by how they begin, else plain text. */
export function guessMediaType(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 256)).toString("latin1");
  if (head.startsWith("%PDF-")) return "application/pdf";
  return /^\s*<(!doctype|html)/i.test(head) ? "text/html" : "text/plain";
}
