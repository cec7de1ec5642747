import type { Command } from "./recipe.ts";

const NOBODY = "65534";

/**
 * Postgres refuses to run as root. As root it is started in a user namespace in which our user is called nobody: outside
 * it stays the same user, so the folders (0700) remain ours and no other account is needed. The pid stays the same.
 */
export function asServerUser({ file, args }: Command): Command {
  if (process.getuid?.() !== 0) return { file, args };
  return { file: "unshare", args: ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args] };
}
