import type { Children } from "./children.ts";
import { BackingFailedError } from "./errors.ts";
import { freePort, isPortFree } from "./free-port.ts";
import { Gate } from "./gate.ts";
import { logTail } from "./log-file.ts";
import type { Recipe } from "./recipe.ts";
import type { ServerEvent } from "./server-event.ts";
import { type Exit, ServerProcess } from "./server-process.ts";
import type { ServerName, ServerSettings } from "./settings.ts";
import { answers, type HealthPace, pause, watchHealth } from "./watch-health.ts";

const FIRST_BACK_OFF_MS = 200;
const LAST_BACK_OFF_MS = 5000;
const ASK_AGAIN_MS = 25;
/** How long a start may take, and a restart until it is tried again. Postgres that says it recovers is waited for. */
const READY_WITHIN_MS = 20_000;
const STOP_MS = 4000;
/** Lives that a server may lose before it was ever ready; each gets another port. */
const FIRST_TRIES = 3;

export interface ServerOptions {
  recipe: Recipe;
  settings: ServerSettings;
  /** Folder whose disk must have room for a restart to help. */
  dir: string;
  /** Path of the log of the program. */
  log: string;
  children: Children;
  health: HealthPace;
  onEvent(event: ServerEvent): void;
  /** Called when the server is ready on a port it did not have before. */
  onPort(port: number): void;
}

/**
 * A backing server that is started here and kept alive: when it exits unasked, or no longer answers, it is started again
 * on the same port after 0.2 to 5 s.
 */
export class Server {
  readonly #options: ServerOptions;
  #port = 0;
  #process: ServerProcess | null = null;
  readonly #gate = new Gate();
  #wasReady = false;
  #stopping = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get name(): ServerName {
    return this.#options.recipe.name;
  }

  /** The port it listens on at 127.0.0.1; 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  /** Null while it is down. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Carries the credentials, but for NATS: those are `user` and `password`. */
  get url(): string {
    return this.#options.recipe.url(this.#port);
  }

  get user(): string {
    return this.#options.settings.user;
  }

  get password(): string {
    return this.#options.settings.password;
  }

  /**
   * Starts it and resolves when it is ready; does nothing more when it runs. The kept port is used when it is free.
   *
   * @throws {BackingFailedError} when it ended three times, or did not answer for 20 s, before it was ever ready
   */
  async start(): Promise<void> {
    if (this.#loop === null) {
      this.#stopping = new AbortController();
      this.#gate.close();
      this.#loop = this.#keepAlive().catch((error: unknown) => this.#failed(error));
    }
    await this.#gate.wait();
  }

  /** Resolves when it serves: at once, or after the restart that is under way. */
  async ready(): Promise<void> {
    await this.#gate.wait();
  }

  /** Stops it in order, within 4 s or by SIGKILL. Never started and stopped already are fine. */
  async stop(): Promise<void> {
    this.#stopping.abort(this.#error("it was stopped"));
    this.#gate.fail(this.#stopping.signal.reason);
    await this.#process?.end(this.#options.recipe.stop_signal, STOP_MS);
    await this.#loop;
    this.#loop = null;
  }

  /** Stops it and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends a signal to the process, by default SIGKILL: it comes back by itself. `ready()` waits for that. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#gate.close();
    this.#process?.send(signal);
  }

  /** Freezes it with all its processes; after about 15 s without an answer it is restarted. */
  pause(): void {
    this.#process?.sendAll("SIGSTOP");
  }

  /** Lets it go on after `pause`. */
  resume(): void {
    this.#process?.sendAll("SIGCONT");
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stopping;
    this.#port ||= await this.#choosePort();
    for (let failures = 0; !signal.aborted; ) {
      const was_ready = await this.#live(signal).catch((error: unknown) => this.#notStarted(error));
      if (signal.aborted) return;
      failures = was_ready ? 0 : failures + 1;
      if (!this.#wasReady && failures >= FIRST_TRIES) throw this.#error(logTail(this.#options.log));
      if (!this.#wasReady) this.#port = await freePort();
      const wait_ms = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LAST_BACK_OFF_MS);
      this.#tell({ what: "restarting", reason: "exited", wait_ms });
      await pause(wait_ms, signal);
    }
  }

  /** One life of the process, from its start to its exit. Says whether it was ready meanwhile. */
  async #live(stopping: AbortSignal): Promise<boolean> {
    const { recipe, log, children } = this.#options;
    const command = await recipe.prepare(this.#port, stopping);
    if (stopping.aborted) return false;
    const process = await ServerProcess.spawn(command, log);
    this.#process = process;
    children.add(recipe.name, process.pid);
    this.#tell({ what: "started", pid: process.pid, port: this.#port });
    const ended = new AbortController();
    const watched = this.#watch(process, AbortSignal.any([stopping, ended.signal]));
    const exit = await process.exited;
    ended.abort();
    const was_ready = await watched;
    this.#ended(process, exit);
    return was_ready;
  }

  /** Waits until it is ready, then watches it; ends a process that does not answer. Never rejects. */
  async #watch(process: ServerProcess, signal: AbortSignal): Promise<boolean> {
    const { recipe, dir, health } = this.#options;
    const probe = (probing: AbortSignal) => recipe.probe(this.#port, probing);
    const ready = await this.#becomeReady(probe, signal);
    const unwell = ready ? await watchHealth({ pid: process.pid, dir, probe }, signal, health) : !signal.aborted;
    if (unwell) {
      this.#gate.close();
      this.#tell({ what: "restarting", reason: "not answering", pid: process.pid });
      process.sendAll("SIGKILL");
    }
    return ready;
  }

  async #becomeReady(
    probe: (signal: AbortSignal) => ReturnType<Recipe["probe"]>,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let last_sign = performance.now(); performance.now() - last_sign < READY_WITHIN_MS; ) {
      const answer = await answers(probe, signal);
      if (signal.aborted) return false;
      if (answer === "ready") return this.#nowReady();
      if (answer === "starting") last_sign = performance.now();
      if (!(await pause(ASK_AGAIN_MS, signal))) return false;
    }
    return false;
  }

  #nowReady(): true {
    const { onPort, settings } = this.#options;
    this.#wasReady = true;
    if (settings.port !== this.#port) onPort(this.#port);
    this.#tell({ what: "ready", port: this.#port });
    this.#gate.open();
    return true;
  }

  #ended({ pid }: ServerProcess, { code, signal }: Exit): void {
    this.#process = null;
    if (!this.#stopping.signal.aborted) this.#gate.close();
    this.#options.children.remove(pid);
    this.#tell({ what: "exited", pid, code, signal });
  }

  #failed(error: unknown): void {
    this.#loop = null;
    this.#gate.fail(error);
  }

  /** Before it was ever ready somebody waits for the reason; later it is tried again, as when the disk has room again. */
  #notStarted(error: unknown): false {
    if (!this.#wasReady) throw error;
    this.#tell({ what: "exited", error: error instanceof Error ? error.message : String(error) });
    return false;
  }

  async #choosePort(): Promise<number> {
    const kept = this.#options.settings.port;
    return kept !== null && (await isPortFree(kept)) ? kept : freePort();
  }

  #tell(event: Omit<ServerEvent, "server">): void {
    this.#options.onEvent({ server: this.name, ...event });
  }

  #error(reason: string): Error {
    return new BackingFailedError(`Cannot run ${this.name} on port ${this.#port} as it must stay up: ${reason}`);
  }
}
