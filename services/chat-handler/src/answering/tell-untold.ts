import { GatehouseError } from "@gatehouse/errors";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { putDue, type Queryable, untoldAnswers } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { SERVICE } from "../service-name.ts";
import { tellEnd } from "./tell-answer.ts";

/** Whoever ended an answer tells it in a moment, unless it died. */
const LEFT_MS = 2_000;
const EVERY_MS = 2_000;
const AT_ONCE = 64;

/** Tells the ends of answers whose handlers died before they had; the row makes itself due again. */
export async function tellUntold(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, log, signal } = context;
  const now_ms = Date.now();
  const untold = await untoldAnswers(db, now_ms - LEFT_MS, AT_ONCE);
  for (const answer of untold) {
    signal.throwIfAborted();
    const { request_id } = answer;
    await tellEnd(answer, context).catch((error: unknown) => {
      if (error instanceof GatehouseError && error.dependency !== null) throw error;
      log.warn({ request_id, reason: String(error) }, "end of an answer not told");
    });
  }
  await dueTelling(db, now_ms + EVERY_MS);
  return ack;
}

/** Makes looking for untold ends due, once for all replicas. */
export function dueTelling(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "untold", key: "answers", due_at_ms });
}
