import type { Interrupts } from "./context.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A signal to a whole process group may come here twice: directly and passed on by a parent. */
const ONE_MS = 400;

/**
 * Listens for the signals that ask this process to end; it then no longer ends by itself. A bug that nobody caught ends
 * it as well, in order: `onFault` is told.
 */
export function listenForInterrupts(process: NodeJS.Process, onFault: (error: unknown) => void): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let first_ms = 0;
  const take = (reason: string) => {
    if (!first.signal.aborted) first_ms = performance.now();
    else if (performance.now() - first_ms > ONE_MS) second.abort(reason);
    first.abort(reason);
  };
  for (const signal of SIGNALS) process.on(signal, () => take(signal === "SIGINT" ? "Ctrl-C" : signal));
  process.on("uncaughtException", (error) => {
    first.abort("a fault inside");
    onFault(error);
  });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => first.abort("nobody reads"));
  return { first: first.signal, second: second.signal };
}
