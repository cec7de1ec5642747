import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Folders in which Debian and local installations put servers, looked into after PATH. */
const USUAL = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Absolute path of a program on PATH or in the usual folders; null when there is none. */
export function findProgram(name: string, env: Record<string, string | undefined> = process.env): string | null {
  const folders = [...(env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/")), ...USUAL];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
