import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A program that dies, and is started again each time. */
export interface KeptAlive<Message> {
  /** What its runs told before they died. */
  readonly told: Message[];
  stop(): Promise<void>;
}

/** Starts a program again whenever it dies. `meanwhile` runs between a death and the next start. */
export function keepAlive<Message>(
  program: string,
  options: object,
  meanwhile: () => Promise<unknown> = async () => {},
): KeptAlive<Message> {
  const told: Message[] = [];
  let stopping = false;
  let child: ChildProcess;
  const run = async (): Promise<void> => {
    while (!stopping) {
      child = fork(program, [JSON.stringify(options)]);
      child.on("message", (message: Message) => told.push(message));
      await once(child, "exit");
      await meanwhile();
    }
  };
  const running = run();
  const stop = async () => {
    stopping = true;
    child.kill("SIGKILL");
    await running;
  };
  return { told, stop };
}
