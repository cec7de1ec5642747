import type { Readable } from "node:stream";
import type { Screen } from "./terminal/screen.ts";

/** What a command may touch of the process that it runs in. */
export interface Context {
  /** Results. */
  out: Screen;
  /** What went wrong. */
  err: Screen;
  /** Of bytes. `isTTY` when a person types there. */
  stdin: Readable & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  cwd: string;
  interrupts: Interrupts;
}

/** How a person or the system asks a command to end. */
export interface Interrupts {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, or when nobody reads the output any more; its reason names it. */
  readonly first: AbortSignal;
  /** Aborted by the second one: do not wait. */
  readonly second: AbortSignal;
}
