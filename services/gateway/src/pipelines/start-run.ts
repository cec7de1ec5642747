import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type EventType, encode, type PipelineTrigger, pipelineTrigger } from "@gatehouse/events";
import type { Catalogue } from "@gatehouse/runtime";
import { claimRequest, findRun, writeAudit } from "@gatehouse/store";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { BadParametersError, RequestIdReusedError, RequestIdTakenError, UnknownPipelineError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { ownerOf } from "../rights.ts";
import { assertNotFired, readInput } from "../ws/publish-input.ts";

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
  const { request_id, pipeline, parameters } = trigger;
  assertNotFired(request_id);
  assertRunnable(catalogue, pipeline, parameters);
  if (!(await claimRequest(db, request_id, ownerOf(who))))
    throw new RequestIdTakenError(`Cannot run "${pipeline}" as request "${request_id}" is another user's`);
  const before = await findRun(db, request_id);
  if (before && !(before.pipeline === pipeline && isDeepStrictEqual(before.parameters, parameters)))
    throw new RequestIdReusedError(
      `Cannot run "${pipeline}" as request "${request_id}" was for another pipeline or other parameters`,
    );
  if (before) return { request_id, duplicate: true };
  const details = { pipeline, parameters };
  await writeAudit(db, { at_ms: Date.now(), who: nameOf(who), action: "pipeline.run", target: request_id, details });
  const { duplicate } = await bus.publish(pipelineTrigger.subject, encode(trigger), {
    id: `${ownerOf(who)}.${request_id}`,
  });
  return { request_id, duplicate };
}

function assertRunnable(catalogue: Catalogue, pipeline: string, parameters: Record<string, unknown>): void {
  if (catalogue.find(pipeline) === null) throw unknown(catalogue, pipeline);
  const faults = catalogue.faultsOf(pipeline, parameters);
  if (faults.length === 0) return;
  throw new BadParametersError(`Cannot run "${pipeline}" as ${faults.join("; ")}`);
}

/** Names what can be run, or the setting without which this cannot. */
function unknown(catalogue: Catalogue, pipeline: string): Error {
  const known = catalogue.list();
  const pipelines = known.filter(({ configured }) => configured).map(({ name }) => name);
  const missing = known.find(({ name }) => name === pipeline)?.missing;
  const why = missing ? `${missing} must be set: it is not` : `the pipeline must be one of ${pipelines.join(", ")}`;
  return new UnknownPipelineError(`Cannot run ${JSON.stringify(pipeline)} as ${why}`);
}
