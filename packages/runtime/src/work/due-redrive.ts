import { defineEvent, type EventType, type Value } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import type { DueRow, DueStore } from "../due-store.ts";
import { type Input, input } from "../service.ts";
import { ack } from "../verdict.ts";

const GivenUpDue = Type.Object({ key: Type.String(), version: Type.Integer(), payload: Type.Unknown() });

/** The body of the dead letter of a row: what is needed to make it due again. Its trace travels as headers. */
export const givenUpBody = ({ key, version, payload }: DueRow): Value<EventType<typeof GivenUpDue>> => ({
  key,
  version,
  payload,
});

/** The subject that stands in a row's dead letter. Nothing is published to it: a redriven letter is read by it. */
export const dueSubject = (service: string, kind: string): string => `due.${service}.${kind}`;

/** Takes redriven dead letters of one kind of due work: the row is put back, due now, unless its key is due anyway. */
export function dueRedrive(service: string, kind: string, store: DueStore): Input {
  const givenUp = defineEvent({
    name: `due-${kind}`,
    summary: "Due work that was given up",
    subject: dueSubject(service, kind),
    schema: GivenUpDue,
    example: { key: "a", version: 1, payload: null },
    id: ({ key }) => key,
  });
  return input(`${service}-redrive`, givenUp, async ({ key, version, payload }, { log, trace }) => {
    const put = await store.putBack({ service, kind, key, version, payload, trace: trace() });
    log.info({ kind, key, put }, put ? "due work put back" : "due work not put back as its key is due anyway");
    return ack;
  });
}
