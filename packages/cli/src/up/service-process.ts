import { setTimeout as delay } from "node:timers/promises";
import type { Children, RunFile } from "@gatehouse/local";
import { StartFailedError } from "../errors.ts";
import type { Tell } from "./news.ts";
import { type ReadyWord, type ServiceCommand, ServiceLife } from "./service-life.ts";

const FIRST_BACK_OFF_MS = 200;
const LAST_BACK_OFF_MS = 5_000;
/** Whoever lived for so long was well. */
const WELL_MS = 10_000;
const STOP_MS = 3_000;

export interface ServiceProcessOptions {
  name: string;
  command: ServiceCommand;
  children: Children;
  tell: Tell;
  /** Called when it is ready again, as another process. */
  onChange(): void;
}

/** A service as a process that is kept alive: when it ends unasked it is started again after 0.2 to 5 s, and told. */
export class ServiceProcess {
  readonly #options: ServiceProcessOptions;
  readonly #stopping = new AbortController();
  #life: ServiceLife | null = null;
  /** What its last life that was ready had said. */
  #known: (ReadyWord & { pid: number }) | null = null;
  #keeping: Promise<void> | null = null;

  constructor(options: ServiceProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** As `run.json` tells it, also while it is down; null before it was ever ready. */
  get facts(): RunFile["processes"][number] | null {
    if (!this.#known) return null;
    return { services: [this.name], pid: this.#known.pid, health_url: this.#known.health_url };
  }

  /** Where it listens for people and apps. */
  get door_url(): string | null {
    return this.#known?.doors.find(({ url }) => url !== null)?.url ?? null;
  }

  /** Starts it and resolves when it is ready. @throws {StartFailedError} with what it said at last */
  async start(): Promise<void> {
    const { name } = this.#options;
    const life = this.#begin();
    const word = await life.ready;
    if (!word) {
      this.#options.children.remove(life.pid);
      throw new StartFailedError(`Cannot start ${name} as its process must stay up: ${await life.ended}`);
    }
    this.#known = { pid: life.pid, ...word };
    this.#keeping = this.#keepAlive(life);
  }

  /** Asks it to end and waits; kills it after 3 s. Repeatable. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#life?.send("SIGTERM");
    const timer = setTimeout(() => this.kill(), STOP_MS);
    await this.#life?.ended;
    clearTimeout(timer);
    await this.#keeping;
  }

  kill(): void {
    this.#life?.send("SIGKILL");
  }

  #begin(): ServiceLife {
    const life = new ServiceLife(this.#options.command);
    this.#life = life;
    this.#options.children.add(this.#options.name, life.pid);
    return life;
  }

  async #keepAlive(first: ServiceLife): Promise<void> {
    const { children } = this.#options;
    const { signal } = this.#stopping;
    for (let life = first, failures = 0; ; life = this.#begin()) {
      const begin_ms = performance.now();
      if (life !== first) await this.#comeBack(life);
      const reason = await life.ended;
      children.remove(life.pid);
      if (signal.aborted) return;
      failures = performance.now() - begin_ms > WELL_MS ? 0 : failures + 1;
      const wait_ms = Math.min(FIRST_BACK_OFF_MS * 2 ** Math.max(0, failures - 1), LAST_BACK_OFF_MS);
      this.#tell("restarting", reason, wait_ms);
      await delay(wait_ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  async #comeBack(life: ServiceLife): Promise<void> {
    const word = await life.ready;
    if (!word) return;
    this.#known = { pid: life.pid, ...word };
    this.#options.onChange();
    this.#tell("ready", "", 0);
  }

  #tell(state: "restarting" | "ready", reason: string, wait_ms: number): void {
    this.#options.tell({ what: "service", service: this.#options.name, state, reason, wait_ms });
  }
}
