import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { decodeBody, type EventType, encode, type PipelineTrigger, pipelineTrigger } from "@gatehouse/events";
import { findRun } from "@gatehouse/store";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { RequestIdReusedError, RequestIdTakenError } from "../errors.ts";
import { ownerOf } from "../rights.ts";
import { readInput } from "../ws/publish-input.ts";
import { assertRunnable } from "./assert-runnable.ts";
import { auditRun } from "./audit-run.ts";
import { claimRun } from "./claim-run.ts";

type Asked = Pick<PipelineTrigger, "pipeline" | "parameters">;

export interface NewRun {
  pipeline: string;
  /** One is made up unless given. */
  request_id?: string | undefined;
  parameters?: unknown;
}

/** A run that is asked for. */
export interface StartedRun {
  request_id: string;
  /** Whether it was asked for before. */
  duplicate: boolean;
}

/**
 * Publishes the trigger of a run. A repeat under the same `request_id` changes nothing.
 * @throws {UnknownPipelineError} @throws {BadParametersError} @throws {PayloadInvalidError}
 * @throws {RequestIdTakenError} @throws {RequestIdReusedError} for another pipeline or other parameters
 */
export async function startRun(
  given: NewRun,
  who: Identity,
  { bus, db, catalogue }: Pick<Deps, "bus" | "db" | "catalogue">,
): Promise<StartedRun> {
  const data = { parameters: {}, ...given, request_id: given.request_id ?? `r-${randomUUID()}` };
  const sent = { subject: pipelineTrigger.subject, data, json: true, msg_id: null };
  const trigger = readInput(pipelineTrigger as EventType, sent) as PipelineTrigger;
  const { request_id, pipeline } = trigger;
  assertRunnable(catalogue, trigger);
  if (!(await claimRun(db, request_id, who)))
    throw new RequestIdTakenError(`Cannot run "${pipeline}" as request "${request_id}" is another user's`);
  const before = await findRun(db, request_id);
  if (before) assertSame(trigger, before);
  if (before) return { request_id, duplicate: true };
  await auditRun(db, who, { action: "pipeline.run", target: request_id, details: { pipeline } });
  const id = `${ownerOf(who)}.${request_id}`;
  const { stream, seq, duplicate } = await bus.publish(pipelineTrigger.subject, encode(trigger), { id });
  const kept = duplicate ? await bus.message(stream, seq) : null;
  if (kept) assertSame(trigger, decodeBody(kept.body).fields as unknown as Asked);
  return { request_id, duplicate };
}

/** @throws {RequestIdReusedError} */
function assertSame({ request_id, pipeline, parameters }: PipelineTrigger, known: Asked): void {
  if (known.pipeline === pipeline && isDeepStrictEqual(known.parameters, parameters)) return;
  throw new RequestIdReusedError(
    `Cannot run "${pipeline}" as request "${request_id}" was for another pipeline or other parameters`,
  );
}
