import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { News } from "./mod.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const TOLD_WITHIN_MS = 45_000;

/** A new home folder; when the test has finished nothing runs in it any more and it is removed. */
export function temporaryHome(): string {
  const { home, remove } = makeHome();
  onTestFinished(remove);
  return home;
}

/** A new home folder, and what ends all that runs in it and removes it. */
export function makeHome(): { home: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
  const remove = () => {
    for (const pid of processesOf(home)) killIfThere(pid);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { home, remove };
}

/** Pids of all processes whose command line or environment names the home. */
export function processesOf(home: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ["cmdline", "environ"].some((file) => readIfThere(`/proc/${pid}/${file}`).includes(home)))
    .map(Number);
}

/** `gatehouse up` as a process in a group of its own, and the news that it tells. */
export class UpProcess {
  readonly child: ChildProcess;
  readonly told: News[] = [];
  #said = "";
  readonly #listening = new Set<() => void>();

  constructor(home: string, ...args: string[]) {
    const all = [MAIN, "up", "--home", home, "--port", "0", "--no-demo", "--json", ...args];
    this.child = spawn(process.execPath, all, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    createInterface({ input: this.child.stdout! }).on("line", (line) => {
      this.told.push(JSON.parse(line) as News);
      this.#wake();
    });
    this.child.once("close", () => this.#wake());
    this.child.stderr!.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** What it wrote as errors. */
  get said(): string {
    return this.#said;
  }

  /** The first news that fits, as soon as it was told. Rejects when the process ends before. */
  async tells<W extends News["what"]>(what: W, fits: (news: Extract<News, { what: W }>) => boolean = () => true) {
    const limit = AbortSignal.timeout(TOLD_WITHIN_MS);
    while (true) {
      const found = this.told.find((news) => news.what === what && fits(news as Extract<News, { what: W }>));
      if (found) return found as Extract<News, { what: W }>;
      if (this.child.exitCode !== null) throw new Error(`It ended with ${this.child.exitCode}: ${this.#said}`);
      if (limit.aborted) throw new Error(`It did not tell "${what}" in time, only ${JSON.stringify(this.told)}`);
      await this.#next(limit);
    }
  }

  /** The exit code, once it has ended and all that it wrote was read. */
  async ends(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await once(this.child, "close", { signal: AbortSignal.timeout(TOLD_WITHIN_MS) });
    return this.child.exitCode;
  }

  #wake(): void {
    for (const listener of this.#listening) listener();
    this.#listening.clear();
  }

  #next(limit: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listening.add(resolve);
    limit.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
