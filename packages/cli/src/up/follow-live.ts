import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import type { Bus, FollowFrom, Log, StoredMessage } from "@gatehouse/runtime";

const AGAIN_MS = 1_000;

export interface Live {
  stop(): Promise<void>;
}

export interface LiveParts {
  bus: Bus;
  stream: string;
  from: FollowFrom;
  onMessage(message: StoredMessage): void;
  log: Log;
}

/** Where "from now on" begins in a stream. */
export async function fromNow(bus: Bus, stream: string): Promise<FollowFrom> {
  return { seq: (await bus.stream(stream)).last_seq + 1 };
}

/** Hands on every message from there on, through restarts of the broker, until it is stopped. */
export function followLive(parts: LiveParts): Live {
  const stopping = new AbortController();
  const running = follow(parts, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function follow({ bus, stream, from: first, onMessage, log }: LiveParts, signal: AbortSignal): Promise<void> {
  for (let from = first; !signal.aborted; from = "new")
    try {
      for await (const message of bus.follow(stream, from, { signal })) onMessage(message);
    } catch (error) {
      log.warn({ stream, ...describeError(error) }, "live messages interrupted");
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
}
