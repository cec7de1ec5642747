import { decodeBody, isId, type PipelineTrigger, type Received } from "@gatehouse/events";
import { ack, type HandlerContext, type MessageContext, type Verdict } from "@gatehouse/runtime";
import { type RunTakenIn, takeInRun } from "@gatehouse/store";
import { RequestIdReusedError } from "./errors.ts";
import { newRun } from "./new-run.ts";
import { runError } from "./run-error.ts";
import { runName } from "./run-name.ts";
import type { Deps } from "./service.ts";

/** A trigger in: written down with what is due of it, in one statement. What is wrong with it is its status. */
export async function takeIn(trigger: PipelineTrigger, context: MessageContext<Deps>): Promise<Verdict> {
  const { db, catalogue, stage, trace } = context;
  const { request_id, pipeline } = trigger;
  const run = newRun(catalogue, trigger, { origin: "request", trace: trace() });
  const became = await stage("intake", () => takeInRun(db, run));
  if (became === "reused")
    throw new RequestIdReusedError(
      `Cannot run pipeline "${pipeline}" as request_id must be a new one: "${request_id}" is that of another run`,
    );
  hasten(became, run.engine, context);
  return ack;
}

/** Nobody has to look for what was just written down. */
export function hasten(
  became: RunTakenIn,
  engine: string | null,
  { wakeDue, nudges }: Pick<HandlerContext, "wakeDue"> & Pick<Deps, "nudges">,
): void {
  if (became === "refused" || became === "cancelled") wakeDue("tell");
  if (became === "waiting" && engine !== null) nudges.nudge(engine);
}

/** A trigger that does not decode: where it still says which run it asks for, that one ends with what is wrong. */
export async function refuseTrigger({ body }: Received, why: unknown, context: MessageContext<Deps>): Promise<void> {
  const { db, stage, trace } = context;
  const { request_id, pipeline } = namesIn(body);
  if (request_id === null) return;
  const run = {
    request_id,
    pipeline,
    engine: null,
    namespace: "",
    run_name: runName(request_id),
    parameters: {},
    origin: "request",
    refused: runError(why),
    trace: trace(),
  };
  hasten(await stage("intake", () => takeInRun(db, run)), null, context);
}

function namesIn(body: Uint8Array): { request_id: string | null; pipeline: string } {
  try {
    const { request_id, pipeline } = decodeBody(body).fields;
    return {
      request_id: typeof request_id === "string" && isId(request_id) ? request_id : null,
      pipeline: typeof pipeline === "string" ? pipeline.slice(0, 128) : "",
    };
  } catch {
    return { request_id: null, pipeline: "" };
  }
}
