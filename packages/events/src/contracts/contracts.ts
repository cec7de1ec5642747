import type { EventType } from "../define-event.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

/** What has been promised on one subject. */
export interface Contract {
  /** The event's name. */
  name: string;
  schema: JsonSchema;
}

/** All promises, by subject: what `contracts.gen.json` keeps. */
export type Contracts = Record<string, Contract>;

/** The promises that the code makes now. */
export function contractsOf(events: readonly EventType[]): Contracts {
  return Object.fromEntries(events.map((event) => [event.subject, { name: event.name, schema: jsonSchemaOf(event) }]));
}
