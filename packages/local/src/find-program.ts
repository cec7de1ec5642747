import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Folders in which Debian and local installations put servers, looked into after PATH. */
const USUAL = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Where programs are looked for: PATH, then the usual folders. */
export function programFolders(env: Record<string, string | undefined>): string[] {
  return [...(env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/")), ...USUAL];
}

/** Absolute path of a program in one of the folders, the first that has it; null when none has. */
export function findProgram(name: string, folders: string[]): string | null {
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
