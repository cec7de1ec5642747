import { randomBytes } from "node:crypto";
import {
  type CameraFrame,
  cameraFrame,
  chatMessage,
  decodeEvent,
  type EventType,
  encode,
  eventTypeOf,
  matchSubject,
  type PipelineTrigger,
  pipelineCancel,
  pipelineTrigger,
} from "@gatehouse/events";
import type { PublishAck } from "@gatehouse/runtime";
import { claimRequest, requestOwner } from "@gatehouse/store";
import type { Identity } from "../auth/keyring.ts";
import { takeFrame } from "../cameras/take-frame.ts";
import type { Deps } from "../deps.ts";
import { PayloadInvalidError, SubjectNotAllowedError } from "../errors.ts";
import { assertRunnable } from "../pipelines/assert-runnable.ts";
import { auditRun } from "../pipelines/audit-run.ts";
import { claimRun } from "../pipelines/claim-run.ts";
import { assertAllowed } from "../rate-limits.ts";
import { mayEndRun, mayPublish, ownerOf } from "../rights.ts";
import type { Publish } from "./requests.ts";

/**
 * Publishes what a client sent, if it may and if it fits its subject. Resolves when the broker has it. Chat messages and
 * triggers count as over HTTP.
 * @throws {RateLimitedError}
 */
export async function publishInput(
  { subject, data, msg_id }: Publish,
  json: boolean,
  who: Identity,
  deps: Deps,
): Promise<PublishAck> {
  const event = eventTypeOf(subject);
  if (!event || !mayPublish(who, subject))
    throw new SubjectNotAllowedError(`Cannot publish on "${subject}" as this key may not, or nobody may from outside`);
  if (event === (cameraFrame as EventType)) return publishFrame(subject, data, { json, msg_id, deps });
  if (event === (chatMessage as EventType)) assertAllowed(deps.rates.ai.take(who.key_id), "questions of this key");
  const value = readInput(event, { subject, data, json, msg_id }) as { request_id?: string };
  if (event === (pipelineTrigger as EventType)) await admitRun(value as PipelineTrigger, who, deps);
  else if (event === (pipelineCancel as EventType)) await admitCancel(value.request_id!, who, deps);
  else await claim(subject, value.request_id, who, deps);
  const options = msg_id === undefined ? {} : { id: `${ownerOf(who)}.${msg_id}` };
  return deps.bus.publish(subject, encode(value), options);
}

/** A picture goes the same way as through HTTP; its message id is made of its own ids. */
async function publishFrame(
  subject: string,
  data: Publish["data"],
  { json, msg_id, deps }: { json: boolean; msg_id: string | undefined; deps: Deps },
): Promise<PublishAck> {
  const frame_id = data.frame_id ?? msg_id ?? `${Date.now()}-${randomBytes(4).toString("hex")}`;
  const given = { ...data, frame_id };
  const frame = readInput(cameraFrame as EventType, {
    subject,
    data: given,
    json,
    msg_id: null,
  }) as unknown as CameraFrame;
  return takeFrame(frame, { named: data.frame_id !== undefined || msg_id !== undefined, via: "websocket" }, deps);
}

/** What a client sent, if it fits its subject. Nobody from outside has an inbox on the bus. @throws {PayloadInvalidError} */
export function readInput(
  event: EventType,
  {
    subject,
    data,
    json,
    msg_id,
  }: Pick<Publish, "subject" | "data"> & { json: boolean; msg_id: string | null | undefined },
): object {
  try {
    const body = json ? Buffer.from(JSON.stringify(data)) : encode(data);
    const sent = { subject, body, seq: 0, time_ms: Date.now(), msg_id: msg_id ?? null };
    const { reply_to: _, ...value } = decodeEvent(event, sent) as { reply_to?: string };
    return value;
  } catch (error) {
    throw new PayloadInvalidError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The request is the user's that the subject names, else the key's. */
async function claim(subject: string, request_id: string | undefined, who: Identity, { db }: Deps): Promise<void> {
  if (request_id === undefined) return;
  const named = eventTypeOf(subject);
  const user_id = (named && matchSubject(named, subject)?.user_id) ?? ownerOf(who);
  if (!(await claimRequest(db, request_id, user_id))) throw taken(request_id);
}

/** As over HTTP, and counted with what is asked there. @throws {RateLimitedError} */
async function admitRun(trigger: PipelineTrigger, who: Identity, { db, rates, catalogue }: Deps): Promise<void> {
  const { request_id, pipeline } = trigger;
  assertAllowed(rates.requests.take(who.key_id), "requests of this key");
  assertRunnable(catalogue, trigger);
  if (!(await claimRun(db, request_id, who))) throw taken(request_id);
  await auditRun(db, who, { action: "pipeline.run", target: request_id, details: { pipeline } });
}

/** Whoever may end every run ends also one that nobody has started yet; the bridge answers. */
async function admitCancel(request_id: string, who: Identity, { db }: Deps): Promise<void> {
  if (!mayEndRun(who, await requestOwner(db, request_id)))
    throw new PayloadInvalidError(`Cannot cancel run "${request_id}" as it must be one of this key's own`);
  await auditRun(db, who, { action: "pipeline.cancel", target: request_id });
}

const taken = (request_id: string): Error =>
  new PayloadInvalidError(`Cannot publish request "${request_id}" as it is another user's`);
