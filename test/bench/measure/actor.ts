import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a process of a measurement can be asked. */
export type Operations = Record<string, (args: never) => unknown>;

interface Question {
  id: number;
  operation: string;
  args: unknown;
}
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

export interface ActorOptions {
  env?: Record<string, string>;
  exec_args?: string[];
  /** Aborted, the process is ended and what was asked of it fails. */
  signal: AbortSignal;
}

/** A process of a measurement: load generator, subject or sink. It ends when this one does. */
export class Actor<T extends Operations> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #name: string;
  #last = 0;

  constructor(file: URL, { env = {}, exec_args = [], signal }: ActorOptions) {
    this.#name = file.pathname.split("/").slice(-2).join("/");
    this.#child = fork(file, [], {
      env: { ...process.env, ...env },
      execArgv: [...process.execArgv, ...exec_args],
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (answer: Answer) => this.#onAnswer(answer));
    signal.addEventListener("abort", () => this.#child.kill("SIGKILL"), { once: true });
    this.#child.once("exit", (code, signal) => this.#onExit(`ended with ${signal ?? code}`));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  ask<Name extends keyof T & string>(
    operation: Name,
    args: Parameters<T[Name]>[0],
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    const id = ++this.#last;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, operation, args } satisfies Question, (error) => {
      if (error) this.#onExit(error.message);
    });
    return waiting.promise as Promise<Awaited<ReturnType<T[Name]>>>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }

  #onAnswer({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(`Cannot measure ${this.#name}: ${error}`));
  }

  #onExit(why: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(`Cannot ask ${this.#name} as it ${why}`));
    this.#waiting.clear();
  }
}

/** Answers the process that started this one, until it goes away; then `end` runs and the process ends. */
export function serve(operations: Operations, end: () => Promise<void> = async () => {}): void {
  process.on("message", (question: Question) => void answer(operations, question));
  process.once("disconnect", () => void end().finally(() => process.exit(0)));
  process.once("SIGTERM", () => void end().finally(() => process.exit(0)));
}

async function answer(operations: Operations, { id, operation, args }: Question): Promise<void> {
  try {
    const result = await operations[operation]!(args as never);
    process.send?.({ id, result } satisfies Answer);
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
