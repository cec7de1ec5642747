import { setTimeout as delay } from "node:timers/promises";
import { askReadiness } from "./ask-readiness.ts";
import type { Tell } from "./news.ts";
import type { Part } from "./part.ts";

const PATIENCE_MS = 10_000;
const LOOK_MS = 100;

/** Waits until every service calls itself ready, for 10 s at most; says what those that are not wait for. */
export async function waitReady(parts: readonly Part[], tell: Tell, signal: AbortSignal): Promise<void> {
  const give_up_ms = performance.now() + PATIENCE_MS;
  while (true) {
    const answers = await askReadiness(parts.flatMap((part) => part.processes()));
    const waiting = answers.flatMap(({ services }) => services).filter(({ status }) => status !== "ready");
    signal.throwIfAborted();
    if (waiting.length === 0) return;
    if (performance.now() > give_up_ms) {
      for (const { service, status, reasons } of waiting)
        tell({
          what: "note",
          text: `${service} is ${status.replace("_", " ")}: ${reasons.map(({ message }) => message).join("; ")}`,
        });
      return;
    }
    await delay(LOOK_MS);
  }
}
