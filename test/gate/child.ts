import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";

/** How a child ended. */
export interface ChildEnd {
  /** 0 when all went well; 128 + n after signal n; 127 when it could not be started. */
  code: number;
  signal: NodeJS.Signals | null;
  /** True when it was stopped because its time was up. */
  timed_out: boolean;
  /** Both streams in the order of arrival; of more than `MOST_OUTPUT_BYTES` only the end. */
  output: string;
}

export interface ChildOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  limit_ms: number;
  /** Aborted, the whole process group is stopped. */
  signal: AbortSignal;
  /** Receives the last line written, as it comes. */
  onLine?: (line: string) => void;
}

export const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;
const KILL_AFTER_MS = 3_000;
const DRAIN_MS = 1_000;

/** Runs a program in a process group of its own, without standard input. Never rejects. */
export function runChild([program, ...args]: readonly [string, ...string[]], options: ChildOptions): Promise<ChildEnd> {
  const { cwd, env, limit_ms, signal, onLine } = options;
  return new Promise((resolve) => {
    const output = new Tail();
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let timed_out = false;
    let last: NodeJS.Timeout | undefined;
    let drained: NodeJS.Timeout | undefined;
    const stop = () => {
      killGroup(child, "SIGTERM");
      last ??= setTimeout(() => killGroup(child, "SIGKILL"), KILL_AFTER_MS);
    };
    const limit = setTimeout(() => {
      timed_out = true;
      stop();
    }, limit_ms);
    const end = (code: number, by: NodeJS.Signals | null) => {
      clearTimeout(limit);
      clearTimeout(last);
      signal.removeEventListener("abort", stop);
      clearTimeout(drained);
      resolve({ code, signal: by, timed_out, output: output.text() });
    };
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output.add(chunk);
        const line = chunk.toString().trimEnd().split("\n").at(-1);
        if (line) onLine?.(line);
      });
    child.once("error", (error) => {
      output.add(Buffer.from(`${error.message}\n`));
      end(127, null);
    });
    const ended = (code: number | null, by: NodeJS.Signals | null) => end(code ?? 128 + constants.signals[by!], by);
    child.once("close", ended);
    // a leftover that holds the pipe must not keep the gate waiting for ever
    child.once("exit", (code, by) => {
      drained = setTimeout(() => ended(code, by), DRAIN_MS);
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** Stops what is left of the child's group; nothing happens when it is gone. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The end of a stream of bytes. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > MOST_OUTPUT_BYTES && this.#chunks.length > 1) {
      this.#bytes -= this.#chunks.shift()!.length;
      this.#cut = true;
    }
  }

  text(): string {
    return `${this.#cut ? "(the beginning is left out)\n" : ""}${Buffer.concat(this.#chunks).toString()}`;
  }
}
