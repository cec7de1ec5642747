import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that says what it does in lines of JSON. */
export class LinesProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(file: string, argument: object, onLine: (line: Record<string, unknown>) => void) {
    this.#child = spawn(process.execPath, [file, JSON.stringify(argument)], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#child.stdout! });
    lines.on("line", (text) => {
      const line = readLine(text);
      if (line) onLine(line);
    });
    this.#ended = Promise.all([once(this.#child, "exit"), once(lines, "close")]);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it in order; after 8 s without asking. */
  async stop(): Promise<void> {
    this.kill("SIGCONT");
    this.kill("SIGTERM");
    const impatient = setTimeout(() => this.kill("SIGKILL"), 8_000);
    await this.#ended;
    clearTimeout(impatient);
  }

  /** Resolves when it is gone and everything that it said was read. */
  async ended(): Promise<void> {
    await this.#ended;
  }
}

/** The last line of a process that was killed may be half a line. */
function readLine(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
