import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { BackingFailedError } from "./errors.ts";
import { openLog } from "./log-file.ts";
import { descendantsOf, sendSignal } from "./process-table.ts";
import type { Command } from "./recipe.ts";
import { serverEnvironment } from "./server-environment.ts";

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** How long the kernel may take to remove a process after SIGKILL. */
const KILL_MS = 2000;

/** One life of a server: a process in a session of its own, so that Ctrl-C in our terminal does not reach it. */
export class ServerProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  #gone = false;

  /** @throws {BackingFailedError} when the program cannot be started */
  static async spawn({ file, args }: Command, log: string): Promise<ServerProcess> {
    const output = openLog(log);
    try {
      const child = spawn(file, args, { detached: true, env: serverEnvironment(), stdio: ["ignore", output, output] });
      if (child.pid !== undefined) return new ServerProcess(child, child.pid);
      const failure = await new Promise((resolve) => child.once("error", resolve));
      throw new BackingFailedError(`Cannot start "${file}" as it must be runnable: ${String(failure)}`);
    } finally {
      closeSync(output);
    }
  }

  private constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#gone = true;
        resolve({ code, signal });
      });
    });
    child.on("error", () => undefined);
  }

  /** Sends a signal to the process alone. */
  send(signal: NodeJS.Signals): void {
    if (!this.#gone) sendSignal(this.pid, signal);
  }

  /** Sends a signal to the process and all its descendants. */
  sendAll(signal: NodeJS.Signals): void {
    if (this.#gone) return;
    for (const pid of [this.pid, ...descendantsOf(this.pid)]) sendSignal(pid, signal);
  }

  /** Asks it to end, and kills it with its descendants when it has not within `grace_ms`. */
  async end(signal: NodeJS.Signals, grace_ms: number): Promise<void> {
    this.send(signal);
    this.sendAll("SIGCONT");
    if (await this.#exitedWithin(grace_ms)) return;
    this.sendAll("SIGKILL");
    await this.#exitedWithin(KILL_MS);
  }

  async #exitedWithin(wait_ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, wait_ms, false);
    const result = await Promise.race([this.exited.then(() => true), promise]);
    clearTimeout(timer);
    return result;
  }
}
