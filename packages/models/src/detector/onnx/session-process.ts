import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ModelRef } from "@gatehouse/events";
import type { Picture } from "../detector.ts";
import type { FromSession, Look, Looked, OpenSession } from "./messages.ts";

/** Why a session's process gave no answer. */
export class SessionFault extends Error {
  /** `DOWN`, or the code of the error that the process threw about this picture. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

const MAIN = new URL("./session-main.ts", import.meta.url);
const LOAD_TIMEOUT_MS = 120_000;
const CLOSE_TIMEOUT_MS = 2_000;

interface Running {
  child: ChildProcess;
  opened: PromiseWithResolvers<ModelRef>;
  looks: Map<number, PromiseWithResolvers<Looked>>;
}

/**
 * A model in a process of its own, started when first asked for and again after it ended. The binding of ONNX Runtime
 * blocks the thread that it runs in and cannot be stopped: this way time limits hold, and its faults end nobody else.
 */
export class SessionProcess {
  readonly #wanted: OpenSession;
  #running: Running | null = null;
  /** Every process that has not ended, also those that nobody is sent to any more. */
  readonly #children = new Set<ChildProcess>();
  #looks = 0;
  #closed = false;

  constructor(wanted: OpenSession) {
    this.#wanted = wanted;
  }

  /** Resolves when the model is loaded, which takes 2 minutes at most. @throws {SessionFault} `DOWN` */
  async opened(): Promise<ModelRef> {
    return this.#run().opened.promise;
  }

  /**
   * Finds the objects of a picture, once the model is loaded. Aborting ends the process: a run cannot be stopped otherwise.
   * @throws {SessionFault} @throws the signal's reason
   */
  async look(picture: Picture, signal: AbortSignal): Promise<Looked> {
    const running = this.#run();
    const { child, opened, looks } = running;
    await opened.promise;
    const id = ++this.#looks;
    const answer = Promise.withResolvers<Looked>();
    const abort = () => {
      answer.reject(signal.reason);
      this.#leave(running);
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", abort, { once: true });
    looks.set(id, answer);
    child.send({ id, picture } satisfies Look, () => {}); // a channel that is gone is told by the process's end
    return answer.promise.finally(() => {
      looks.delete(id);
      signal.removeEventListener("abort", abort);
    });
  }

  /** Ends its processes, within 2 s. Looks that are under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#children].map(end));
  }

  #run(): Running {
    if (this.#closed) throw new SessionFault("DOWN", "it must be open: it was closed");
    this.#running ??= this.#start();
    return this.#running;
  }

  #start(): Running {
    const child = fork(MAIN, { execArgv: [], serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const running: Running = { child, opened: Promise.withResolvers(), looks: new Map() };
    this.#children.add(child);
    running.opened.promise.catch(() => {});
    const limit = setTimeout(() => {
      running.opened.reject(new SessionFault("DOWN", `its model must load within ${LOAD_TIMEOUT_MS} ms: it did not`));
      this.#leave(running);
      child.kill("SIGKILL");
    }, LOAD_TIMEOUT_MS);
    running.opened.promise.finally(() => clearTimeout(limit)).catch(() => {});
    const ended = (how: string) => {
      this.#children.delete(child);
      this.#leave(running);
      const fault = new SessionFault("DOWN", `its process must run: it ended with ${how}`);
      running.opened.reject(fault);
      for (const { reject } of running.looks.values()) reject(fault);
    };
    child.once("exit", (code, signal) => ended(signal ?? `code ${code}`));
    child.once("error", ({ message }) => ended(JSON.stringify(message)));
    child.on("message", (message: FromSession) => {
      if (message.kind === "not opened") this.#leave(running);
      take(message, running);
    });
    child.send(this.#wanted, () => {});
    return running;
  }

  /** Whoever comes from now on is sent to another process: this one ends. */
  #leave(running: Running): void {
    if (this.#running === running) this.#running = null;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const limit = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(limit);
}

function take(message: FromSession, { child, opened, looks }: Running): void {
  if (message.kind === "opened") opened.resolve(message.model);
  else if (message.kind === "not opened") {
    opened.reject(new SessionFault("DOWN", message.reason));
    child.disconnect();
  } else if (message.kind === "found")
    looks.get(message.id)?.resolve({ detections: message.detections, infer_ms: message.infer_ms });
  else looks.get(message.id)?.reject(new SessionFault(message.code, message.reason));
}
