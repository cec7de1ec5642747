import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What a service says when it is ready. */
export interface ReadyWord {
  health_url: string;
  doors: readonly { service: string; url: string | null }[];
}

export interface ServiceCommand {
  script: string;
  args: readonly string[];
  /** Credentials too: other users see arguments, not the environment. */
  env: NodeJS.ProcessEnv;
  cwd: string;
}

const KEPT_CHARS = 2_000;

/** One life of a service as a process, in a session of its own, so that Ctrl-C in our terminal does not reach it. */
export class ServiceLife {
  readonly pid: number;
  /** Null when it ended before it was ready. */
  readonly ready: Promise<ReadyWord | null>;
  /** Resolves with why it ended, for people. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #said = "";

  constructor({ script, args, env, cwd }: ServiceCommand) {
    const stdio = ["ignore", "ignore", "pipe", "ipc"] as const;
    this.#child = spawn(process.execPath, [script, ...args], { detached: true, cwd, env, stdio: [...stdio] });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT_CHARS);
    });
    this.ended = this.#end();
    const word = once(this.#child, "message").then(([message]) => message as ReadyWord);
    this.ready = Promise.race([word, this.ended.then(() => null)]);
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #end(): Promise<string> {
    try {
      const [code, signal] = await once(this.#child, "close");
      return lastLine(this.#said) ?? (signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
    } catch (error) {
      return `it cannot be run: ${String(error)}`;
    }
  }
}

/** What a failing process said at last that is not a line of a stack trace. */
function lastLine(said: string): string | null {
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line));
  return lines.at(-1)?.trim() ?? null;
}
