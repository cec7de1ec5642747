import { setTimeout as elapsed } from "node:timers/promises";
import { type PipelineCancel, pipelineStatus } from "@gatehouse/events";
import { ack, FencedError, type MessageContext, type Verdict } from "@gatehouse/runtime";
import { cancelRun, findRun } from "@gatehouse/store";
import { UnknownRequestError } from "./errors.ts";
import { runError } from "./run-error.ts";
import type { Deps } from "./service.ts";

const LOOK_EVERY_MS = 100;

/**
 * A run is no longer wanted: recorded, and its engine told by due work. A cancel may come before its trigger was taken in:
 * it is kept, and after `early_cancel_ms` its asker is told that there is no such run yet.
 */
export async function cancel({ request_id }: PipelineCancel, context: MessageContext<Deps>): Promise<Verdict> {
  const { db, delivery, pace, stage, publish, wakeDue, nudges, signal } = context;
  const until_ms = delivery.time_ms + pace.early_cancel_ms;
  const record = () => stage("cancel", () => db.transaction((tx) => cancelRun(tx, request_id)));
  let became = await record();
  while (became === "unknown" && Date.now() < until_ms) {
    await elapsed(LOOK_EVERY_MS, undefined, { signal });
    became = await record();
  }
  if (became === "cancelled") wakeDue("tell");
  if (became === "asked") {
    wakeDue("cancel");
    nudges.nudge((await findRun(db, request_id))?.engine ?? "");
  }
  if (became !== "unknown") return ack;
  const why = runError(
    new UnknownRequestError(`Cannot cancel as there must be a run "${request_id}": there is none yet`),
  );
  const ids = { request_id, pipeline: "", engine: null, run_id: null, timestamp_ms: Date.now() };
  const { code, message, retryable } = why;
  const told = { ...ids, status: "error" as const, message, code, retryable };
  await publish(pipelineStatus, told, { id: `${request_id}.cancel`, after: 0 }).catch(unlessTold);
  return ack;
}

/** Whoever was told of the run knows better. */
function unlessTold(error: unknown): void {
  if (!(error instanceof FencedError)) throw error;
}
