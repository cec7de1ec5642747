import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface EngineProcessOptions {
  engine: "argo" | "kubeflow";
  /** Where its runs are kept. */
  file: string;
  token?: string;
}

/** A test engine as a process of its own, that can be killed and comes back under the same URL. */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  #child: ChildProcess | null = null;
  #port = 0;

  private constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    const engine = new EngineProcess(options);
    await engine.start();
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Of its last start. */
  get pid(): number {
    return this.#child!.pid!;
  }

  /** Resolves when it listens. @throws when it ended instead */
  async start(): Promise<void> {
    const { engine, file, token } = this.#options;
    const program = fileURLToPath(new URL(`./${engine}-main.ts`, import.meta.url));
    const args = ["--port", String(this.#port), "--file", file, ...(token === undefined ? [] : ["--token", token])];
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      this.#port = Number(new URL(line).port);
      return;
    }
    throw new Error(`Cannot start the engine "${engine}" as it must say its URL: it ended with ${child.exitCode}`);
  }

  /** SIGKILL: what it has not written down never was. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  stop(): Promise<void> {
    return this.kill();
  }
}
