import { toJson } from "../codec.ts";
import type { EventType } from "../define-event.ts";
import { eventTypes } from "../event-types.ts";
import { ID_PATTERN } from "../ids.ts";
import { subjectMatches } from "../subjects.ts";
import { jsonSchemaOf } from "./json-schema.ts";

/** What the document says about streams. */
export interface StreamFacts {
  readonly name: string;
  readonly subjects: readonly string[];
}

/** An AsyncAPI 3.0 document: a channel per subject, its message, and how Gatehouse's side of it may be received. */
export interface AsyncApi {
  asyncapi: "3.0.0";
  info: { title: string; version: string; description: string; license: { name: string } };
  defaultContentType: string;
  channels: Record<string, object>;
  operations: Record<string, object>;
  components: { messages: Record<string, object>; schemas: Record<string, object> };
}

const DESCRIPTION = [
  "Bodies are one MessagePack map or JSON with the same names (bytes as base64 text).",
  "Ids that are part of the subject may be left out of the body: they are filled in from it; a different one is refused.",
  "Unknown fields are ignored.",
].join(" ");

/** Describes every declared event. `streams` say where each subject is kept; the order of events is kept. */
export function asyncApi({ streams }: { streams: readonly StreamFacts[] }): AsyncApi {
  const each = <T>(build: (event: EventType) => T) =>
    Object.fromEntries(eventTypes.map((event) => [event.name, build(event)]));
  return {
    asyncapi: "3.0.0",
    info: { title: "Gatehouse", version: "1.0.0", description: DESCRIPTION, license: { name: "Apache-2.0" } },
    defaultContentType: "application/msgpack",
    channels: each((event) => channelOf(event, streams)),
    operations: each(operationOf),
    components: { messages: each(messageOf), schemas: each(jsonSchemaOf) },
  };
}

function channelOf(event: EventType, streams: readonly StreamFacts[]): object {
  const kept = streams.find(({ subjects }) => subjects.some((pattern) => subjectMatches(pattern, event.subject)));
  const ids = [...event.subject.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return {
    address: event.subject,
    summary: event.summary,
    description: kept ? `Kept in the stream ${kept.name}` : "Kept in no stream",
    ...(ids.length > 0 && {
      parameters: Object.fromEntries(ids.map((name) => [name, { description: `Matches ${ID_PATTERN}` }])),
    }),
    messages: { [event.name]: { $ref: `#/components/messages/${event.name}` } },
  };
}

function operationOf({ name, summary }: EventType): object {
  return {
    action: "send",
    summary,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  };
}

function messageOf({ name, summary, example }: EventType): object {
  return {
    name,
    summary,
    payload: { $ref: `#/components/schemas/${name}` },
    examples: [{ name, payload: asJson(example) }],
  };
}

/** The example as it would stand in JSON. */
function asJson(example: object): unknown {
  return JSON.parse(toJson(example));
}
