import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { cameraEventCreated, cameraEventUpdated, decodeEvent, matchSubject } from "@gatehouse/events";
import type { Bus, FollowFrom, Log, StoredMessage } from "@gatehouse/runtime";
import type { Tell } from "./news.ts";

const STREAM = "SECURITY_EVENTS";
const AGAIN_MS = 1_000;

export interface LiveEvents {
  stop(): Promise<void>;
}

/** Where "from now on" begins in the stream of events. */
export async function eventsFromNow(bus: Bus): Promise<FollowFrom> {
  return { seq: (await bus.stream(STREAM)).last_seq + 1 };
}

/** Tells every security event from there on, through restarts of the broker. */
export function tellEvents(bus: Bus, from: FollowFrom, tell: Tell, log: Log): LiveEvents {
  const stopping = new AbortController();
  const running = followEvents(bus, from, tell, log, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function followEvents(bus: Bus, first: FollowFrom, tell: Tell, log: Log, signal: AbortSignal): Promise<void> {
  for (let from = first; !signal.aborted; from = "new")
    try {
      for await (const message of bus.follow(STREAM, from, { signal })) tellOne(message, tell, log);
    } catch (error) {
      log.warn(describeError(error), "live events interrupted");
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
}

function tellOne(message: StoredMessage, tell: Tell, log: Log): void {
  const state = matchSubject(cameraEventCreated, message.subject) ? "created" : "updated";
  const type = state === "created" ? cameraEventCreated : cameraEventUpdated;
  if (!matchSubject(type, message.subject)) return;
  try {
    tell({ what: "event", state, event: decodeEvent(type, message), time_ms: message.time_ms });
  } catch (error) {
    log.warn({ seq: message.seq, ...describeError(error) }, "event cannot be shown");
  }
}
