import { realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { PathRefusedError } from "../../errors.ts";

/** The folder in the home folder whose documents can be taken in. */
export const documentsFolder = (home: string): string => join(home, "documents");

/** A place in the folder of documents. */
export interface Inside {
  /** Where the folder really is. */
  root: string;
  path: string;
}

/**
 * Where something in the folder is, with links in none of its parts: so nothing outside the folder is ever reached.
 * @throws {PathRefusedError}
 */
export async function findInside(folder: string, name: string): Promise<Inside> {
  const root = await real(folder, "the folder of documents");
  const path = resolve(root, name);
  if (path !== root && !path.startsWith(root + sep)) throw refused(name, "must lie in the folder of documents");
  if ((await real(path, JSON.stringify(name))) !== path) throw refused(name, "must not be reached through a link");
  return { root, path };
}

function refused(name: string, why: string): Error {
  return new PathRefusedError(`Cannot take in ${JSON.stringify(name.slice(0, 256))} as it ${why}`);
}

async function real(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new PathRefusedError(`Cannot take in ${name.slice(0, 256)} as it must be there: ${code}`, { cause: error });
  }
}
