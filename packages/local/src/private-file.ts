import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read (0600), whole or not at all, also when the power fails. */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, path);
}

/** Reads a JSON file that this package wrote; null when it is not there or was damaged. */
export function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
