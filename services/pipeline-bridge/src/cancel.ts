import { type PipelineCancel, pipelineStatus } from "@gatehouse/events";
import {
  ack,
  type DueContext,
  FencedError,
  type HandlerContext,
  type MessageContext,
  retry,
  type Verdict,
} from "@gatehouse/runtime";
import { cancelRun, findRun, putDueIn } from "@gatehouse/store";
import { UnknownRequestError } from "./errors.ts";
import { runError } from "./run-error.ts";
import type { Deps } from "./service.ts";
import { SERVICE } from "./service-name.ts";

/** Due work: a cancel that came before its trigger. */
export const EARLY = "early";
const LOOK_MS = 100;

interface Early {
  /** Wall clock. */
  came_at_ms: number;
}

/** A run is no longer wanted: recorded, and its engine told by due work. A cancel may come before its trigger was taken in. */
export async function cancel({ request_id }: PipelineCancel, context: MessageContext<Deps>): Promise<Verdict> {
  if (await isCancelled(request_id, context)) return ack;
  const payload: Early = { came_at_ms: context.delivery.time_ms };
  await putDueIn(context.db, { service: SERVICE, kind: EARLY, key: request_id, payload }, LOOK_MS);
  return ack;
}

/** The cancel of a run that there was not: it is kept, and after `early_cancel_ms` its asker is told so. Key: request_id. */
export async function cancelEarly(payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { due, pace, publish } = context;
  const { came_at_ms } = payload as Early;
  if (await isCancelled(due.key, context)) return ack;
  const waited_ms = Date.now() - came_at_ms;
  const left_ms = pace.early_cancel_ms - waited_ms;
  if (left_ms > 0) return retry({ afterMs: Math.min(left_ms, Math.max(LOOK_MS, waited_ms)) });
  const why = runError(new UnknownRequestError(`Cannot cancel as there must be a run "${due.key}": there is none yet`));
  const ids = { request_id: due.key, pipeline: "", engine: null, run_id: null, timestamp_ms: Date.now() };
  const { code, message, retryable } = why;
  const told = { ...ids, status: "error" as const, message, code, retryable };
  await publish(pipelineStatus, told, { id: `${due.key}.cancel`, after: 0 }).catch(unlessTold);
  return ack;
}

/** False: there is no such run yet. */
async function isCancelled(
  request_id: string,
  { db, stage, wakeDue, nudges }: Pick<HandlerContext, "stage" | "wakeDue"> & Deps,
): Promise<boolean> {
  const became = await stage("cancel", () => db.transaction((tx) => cancelRun(tx, request_id)));
  if (became === "cancelled") wakeDue("tell");
  if (became === "asked") {
    wakeDue("cancel");
    nudges.nudge((await findRun(db, request_id))?.engine ?? "");
  }
  return became !== "unknown";
}

/** Whoever was told of the run knows better. */
function unlessTold(error: unknown): void {
  if (!(error instanceof FencedError)) throw error;
}
