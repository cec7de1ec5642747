import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { BusyError, ProgramFailedError, ProgramMissingError } from "../errors.ts";

/** A program of this machine, and how far it may go. */
export interface ProgramRun {
  /** Looked for on PATH; started without a shell. */
  program: string;
  args: readonly string[];
  /** All that it is given to read. */
  input: Uint8Array | string;
  /** Killed after that. */
  timeout_ms: number;
  /** Killed when it writes more. */
  most_output_bytes: number;
  /** What is lacking when it is missing: `speech model`. */
  gives: string;
  /** Debian's names of what to install then. */
  debian_packages: readonly string[];
}

/** As many run at a time; the next one is refused. */
const MOST_AT_ONCE = 8;
const MOST_COMPLAINT = 2_000;
let running = 0;

/**
 * Runs a program and gives its output as it comes. It is killed (SIGKILL) when it takes too long, writes too much, or
 * nobody reads on; it is gone when this is over.
 * @throws {ProgramMissingError} @throws {ProgramFailedError} @throws {BusyError} @throws the signal's reason
 */
export async function* runProgram(run: ProgramRun, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  if (running >= MOST_AT_ONCE)
    throw new BusyError(`Cannot run "${run.program}" as at most ${MOST_AT_ONCE} programs may run at a time`);
  running++;
  try {
    yield* outputOf(run, signal);
  } finally {
    running--;
  }
}

/** All that a program writes. @throws what `runProgram` throws */
export async function wholeOutput(run: ProgramRun, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of runProgram(run, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* outputOf(run: ProgramRun, signal: AbortSignal): AsyncGenerator<Buffer> {
  const env = { PATH: process.env.PATH, LANG: "C.UTF-8", OMP_THREAD_LIMIT: "1" }; // threads of several runs get in each other's way
  const child = spawn(run.program, run.args, { stdio: "pipe", shell: false, env });
  const ended = endOf(child, run);
  ended.catch(() => {}); // also when it ends before its output is looked at
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, run.timeout_ms);
  signal.addEventListener("abort", kill, { once: true });
  try {
    let bytes = 0;
    for await (const piece of child.stdout as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > run.most_output_bytes) break;
      yield piece;
    }
    if (bytes > run.most_output_bytes) kill();
    await ended;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    kill();
    await ended.catch(() => {});
  }
}

/** Resolves when it ended with 0; writes its input meanwhile. */
function endOf(child: ChildProcessByStdio<Writable, Readable, Readable>, run: ProgramRun): Promise<void> {
  const { program, gives, debian_packages, timeout_ms } = run;
  let complaint = "";
  child.stderr.on("data", (piece: Buffer) => {
    complaint = (complaint + piece.toString("utf8")).slice(-MOST_COMPLAINT);
  });
  child.stdin.on("error", () => {}); // it ended before it read all: its exit says why
  child.stdin.end(run.input);
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(
        new ProgramMissingError(
          `Cannot run "${program}" as it must be on PATH: there is no ${gives}; install ${debian_packages.join(" and ")}`,
          { cause },
        ),
      ),
    );
    child.once("close", (code, killed) => {
      if (code === 0) return resolve();
      const seen = killed ? `it was killed, after at most ${timeout_ms} ms` : `it ended with ${code}`;
      const words = complaint.replace(/\s+/g, " ").trim();
      reject(
        new ProgramFailedError(`Cannot use the answer of "${program}" as it must end with 0: ${seen} ${words}`.trim()),
      );
    });
  });
}
