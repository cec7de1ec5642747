import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { World } from "./world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RESTART_MS = 100;

export interface ServiceProcessOptions {
  service: string;
  /** The file that is run; that service's own unless it is given. */
  program?: string;
  /** Tells replicas apart. */
  replica?: number;
  env?: Record<string, string>;
  args?: string[];
}

/** One service as a process of its own, started again whenever it ends unasked, as a container would be. */
export class ServiceProcess {
  readonly name: string;
  readonly #world: World;
  readonly #options: ServiceProcessOptions;
  #child: ChildProcess | null = null;
  #stopping = false;
  #loop: Promise<void> | null = null;
  /** How often it was started. */
  starts = 0;

  constructor(world: World, options: ServiceProcessOptions) {
    this.name = `${options.service}-${options.replica ?? 0}`;
    this.#world = world;
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child?.kill(signal);
  }

  pause(): void {
    this.kill("SIGSTOP");
  }

  resume(): void {
    this.kill("SIGCONT");
  }

  /** Ends it in order; after 8 s without asking. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.kill("SIGCONT");
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), 8_000);
    await this.#loop;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.starts++;
      const child = this.#spawn();
      this.#child = child;
      await once(child, "exit");
      this.#child = null;
      if (!this.#stopping) await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }

  #spawn(): ChildProcess {
    const { service, env = {}, args = [] } = this.#options;
    const { program = join(ROOT, "services", service, "src/main.ts") } = this.#options;
    const { backing, dir } = this.#world;
    const child = spawn(process.execPath, [program, ...args], {
      cwd: dir,
      env: {
        ...process.env,
        NATS_URL: backing.nats_url,
        NATS_USER: backing.nats_user ?? "",
        NATS_PASSWORD: backing.nats_password ?? "",
        DATABASE_URL: backing.database_url,
        REDIS_URL: backing.redis_url,
        GATEHOUSE_HOME: dir,
        GATEHOUSE_LOG__LEVEL: "info",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out = createWriteStream(join(dir, "logs", `${this.name}.out`), { flags: "a" });
    child.stdout?.pipe(out, { end: false });
    child.stderr?.pipe(out, { end: false });
    return child;
  }
}
