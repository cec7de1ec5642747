import { setInterval } from "node:timers/promises";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { type KnownRun, pathOf } from "./runs.ts";

interface Progress {
  /** Few enough for the gateway's limit. */
  every_ms: number;
  signal: AbortSignal;
  tell(run: KnownRun): void;
}

/** Tells again and again what an engine says of a run that goes on, which is no status of its own, until the signal aborts. Never rejects. */
export async function watchProgress(
  access: Access,
  request_id: string,
  { every_ms, signal, tell }: Progress,
): Promise<void> {
  try {
    for await (const _ of setInterval(every_ms, undefined, { signal })) {
      const run = await askGateway<KnownRun>(access, pathOf(request_id), { signal }).catch(() => null);
      if (run && !signal.aborted) tell(run);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
