import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Ran } from "./run-command.testing.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const ENDS_WITHIN_MS = 30_000;

/** A command line as a process of its own. It is killed when it does not end in time. */
export function startCommand(...args: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.timeout(ENDS_WITHIN_MS),
    killSignal: "SIGKILL",
  });
}

/** Runs one command line as a process, and gives all that it wrote. */
export async function spawnCommand(...args: string[]): Promise<Ran> {
  const child = startCommand(...args);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { code, out, err };
}
