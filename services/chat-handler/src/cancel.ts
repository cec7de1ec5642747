import { type ChatCancel, chatResponseStream } from "@gatehouse/events";
import { ack, FencedError, type MessageContext, type Verdict } from "@gatehouse/runtime";
import { cancelAnswer, cancelRequest } from "@gatehouse/store";
import { answerError } from "./answer-error.ts";
import { cancelledBy } from "./answering/live-cancels.ts";
import { partOf } from "./answering/part.ts";
import { UnknownRequestError } from "./errors.ts";
import { patiently } from "./patiently.ts";
import type { Deps } from "./service.ts";

/** A cancel may come before its message was taken in: after this time its asker is told that there is none. */
const WAIT_MS = 3_000;

/**
 * An answer is no longer wanted: recorded, so that nobody goes on with it, or begins with it when its message comes, however
 * late. Whoever writes it has heard it on the bus already.
 */
export async function cancel(
  { request_id, user_id }: ChatCancel,
  { db, delivery, stage, publish, wakeDue, signal }: MessageContext<Deps>,
): Promise<Verdict> {
  const cancelled = { request_id, user_id, error: answerError(cancelledBy(user_id, request_id)) };
  const record = () => db.transaction((tx) => cancelAnswer(tx, cancelled));
  let became = await stage("cancel", record);
  if (became === "unknown") {
    if (!(await stage("claim", () => cancelRequest(db, cancelled)))) return ack;
    const until_ms = delivery.time_ms + WAIT_MS;
    became = await patiently(record, { until: (outcome) => outcome !== "unknown", until_ms, signal });
  }
  if (became === "waiting") wakeDue("tell");
  if (became !== "unknown") return ack;
  const why = new UnknownRequestError(`Cannot cancel as there must be a request "${request_id}" of the user`);
  const part = partOf({ request_id, seq: 0 }, { type: "error", done: true, ...answerError(why) });
  await publish(chatResponseStream, part, { id: `${request_id}.cancel`, after: 0 }).catch(unlessAnswered);
  return ack;
}

/** Whoever has a stream already was told enough. */
function unlessAnswered(error: unknown): void {
  if (!(error instanceof FencedError)) throw error;
}
