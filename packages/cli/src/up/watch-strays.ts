import { setTimeout as delay } from "node:timers/promises";
import { lookForStrays, StrayFiles } from "@gatehouse/media";
import type { Live } from "./follow-live.ts";
import type { Tell } from "./news.ts";

const LOOK_MS = 2_000;

/** Tells, once each, of files that lie in the inbox itself: no service takes them in. */
export function watchStrays(inbox: string, tell: Tell): Live {
  const stopping = new AbortController();
  const running = watch(inbox, tell, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function watch(inbox: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const strays = new StrayFiles();
  while (!signal.aborted) {
    const text = await lookForStrays(inbox, strays);
    if (text) tell({ what: "note", text });
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
