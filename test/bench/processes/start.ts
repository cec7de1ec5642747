import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuOf } from "../measure/cpu.ts";
import { memoryOf } from "./memory.ts";

const SETTLE_MS = 1_500;
const START_MS = 60_000;
const STOP_MS = 10_000;

/** What a start took, and what the process holds a moment later when it has nothing to do. */
export interface Started {
  start_ms: number;
  cpu_ms: number;
  rss_mb: number;
  pss_mb: number;
}

export interface StartOptions {
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** How it says that it is ready: a message to its parent, or a line on stdout. */
  ready: { message: true } | { line: RegExp };
  signal: AbortSignal;
}

/** Starts a Node program, measures it and ends it. @throws when it is not ready in time */
export async function measureStart({ args, env, cwd, ready, signal }: StartOptions): Promise<Started> {
  const began_ms = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  // In order, so that it stops the servers that it started.
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  try {
    await untilReady(child, ready);
    const start_ms = performance.now() - began_ms;
    const cpu_ms = cpuOf(child.pid!) / 1_000;
    await sleep(SETTLE_MS);
    return { start_ms, cpu_ms, ...memoryOf(child.pid!) };
  } finally {
    signal.removeEventListener("abort", end);
    end();
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(late);
  }
}

async function untilReady(child: ChildProcess, ready: StartOptions["ready"]): Promise<void> {
  const within = AbortSignal.timeout(START_MS);
  if ("message" in ready) {
    child.stdout?.resume();
    await once(child, "message", { signal: within });
    return;
  }
  let text = "";
  for await (const chunk of child.stdout!) {
    text += chunk;
    if (ready.line.test(text)) break;
    within.throwIfAborted();
  }
  if (!ready.line.test(text)) throw new Error(`Cannot measure the start as it ended without "${ready.line}": ${text}`);
}
