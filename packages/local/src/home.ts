import { chmodSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Child, Children } from "./children.ts";
import { releaseLock, takeLock } from "./lock.ts";
import { stopLeftovers } from "./stop-leftovers.ts";

const FOLDERS = ["nats", "postgres", "redis", "media", "inbox", "logs"] as const;

/** The folder that holds all state of one Gatehouse, opened by the one process that may start things in it. */
export interface Home {
  /** Absolute path. */
  readonly dir: string;
  /** Processes recorded for the next start; whoever starts one besides the backing servers adds it here too. */
  readonly children: Children;
  /** What an earlier start had left running and this one stopped. */
  readonly stopped: Child[];
  /** Lets the next start in; safe to repeat. */
  close(): void;
}

/**
 * Creates the home (0700) with its folders nats, postgres, redis, media, inbox and logs, takes it for this process, and
 * stops whatever a killed earlier start left running.
 *
 * @throws {HomeInUseError} when another process has it open
 */
export async function openHome(dir: string): Promise<Home> {
  const root = resolve(dir);
  for (const folder of ["", ...FOLDERS]) makePrivate(join(root, folder));
  const lock = join(root, "up.lock");
  const holder = takeLock(lock);
  try {
    const children = new Children(root);
    const stopped = await stopLeftovers(children.recorded());
    children.clear();
    return { dir: root, children, stopped, close: () => releaseLock(lock, holder) };
  } catch (error) {
    releaseLock(lock, holder);
    throw error;
  }
}

function makePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}
