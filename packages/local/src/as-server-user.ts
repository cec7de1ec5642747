import { userInfo } from "node:os";
import type { Command } from "./recipe.ts";

const ROOT = 0;
const NOBODY = "65534";

/**
 * Postgres refuses to run as root and as a user without a name (as containers have). For those it is started in a user
 * namespace in which our user is called nobody: outside it stays the same user, so the folders (0700) remain ours and no
 * other account is needed. The pid stays the same.
 */
export function asServerUser({ file, args }: Command): Command {
  if (process.getuid?.() !== ROOT && hasName()) return { file, args };
  return { file: "unshare", args: ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args] };
}

function hasName(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}
