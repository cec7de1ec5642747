import { setTimeout as delay } from "node:timers/promises";
import { GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";
import type { From } from "./from.ts";
import { isLater } from "./is-later.ts";
import { type FromGateway, openSubscription, type StreamMessage } from "./subscription.ts";

export type Heard =
  | { what: "message"; message: StreamMessage }
  /** The connection was lost; it is tried again from the next message on. */
  | { what: "lost"; reason: string }
  | { what: "back"; from: From }
  | { what: "gap"; from_seq: number; to_seq: number };

const FIRST_BACK_OFF_MS = 250;
const LAST_BACK_OFF_MS = 5_000;

/**
 * Follows a subject through the gateway until the signal aborts. When the connection is lost, or the gateway says that
 * we lag behind, it goes on with the last sequence plus one: nothing is missed and nothing comes twice.
 * @throws {GatewayRefusedError} when the gateway does not let us follow this
 */
export async function* followGateway(
  access: Access,
  { subject, from: first, signal }: { subject: string; from: From; signal: AbortSignal },
): AsyncGenerator<Heard> {
  let from = first;
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const heard of openSubscription(access, { subject, from, signal })) {
        if (heard.op === "subscribed" && failures > 0) yield { what: "back", from };
        failures = 0;
        from = nextFrom(heard, from);
        if (heard.op === "gap") yield { what: "gap", from_seq: heard.from_seq, to_seq: heard.to_seq };
        if (heard.op === "message") yield { what: "message", message: heard };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GatewayRefusedError && !isLater(error.facts.code)) throw error;
      if (failures === 0) yield { what: "lost", reason: (error as Error).message };
    }
    const wait_ms = Math.min(FIRST_BACK_OFF_MS * 2 ** failures++, LAST_BACK_OFF_MS);
    await delay(wait_ms, undefined, { signal }).catch(() => undefined);
  }
}

/** Where to go on after what was heard. A subject of no stream has no sequences: only what is new can be had. */
function nextFrom(heard: FromGateway, from: From): From {
  if (heard.op === "subscribed" && heard.seq !== null && heard.epoch !== null && from === "new")
    return { seq: heard.seq + 1, epoch: heard.epoch };
  if (heard.op === "message" && heard.seq !== null) return { seq: heard.seq + 1, ...epochOf(from) };
  return heard.op === "lagged" ? { seq: heard.next_seq, ...epochOf(from) } : from;
}

const epochOf = (from: From): { epoch?: number } =>
  typeof from === "object" && "seq" in from && from.epoch !== undefined ? { epoch: from.epoch } : {};
