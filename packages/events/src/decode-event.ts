import type { TObject } from "@sinclair/typebox";
import { type Checker, compileCheck } from "./check.ts";
import { type Clean, compileClean } from "./clean.ts";
import { decodeBody, encode } from "./codec.ts";
import type { EventType, Received, Value } from "./define-event.ts";
import { BadSubjectError, IdMismatchError } from "./errors.ts";
import { isId } from "./ids.ts";
import { assertNoNul } from "./no-nul.ts";
import { compilePlainReader } from "./read-plain.ts";
import { sniffMediaType } from "./sniff-media-type.ts";
import { matchSubject } from "./subjects.ts";
import { compilePlainWriter } from "./write-plain.ts";

const PICTURE_OR_MAP = "a bare JPEG, PNG or WebP, a MessagePack map with it, or a JSON object with it as base64";

interface Compiled {
  clean: Clean;
  check: Checker<TObject>;
  /** Null for schemas that it does not know. */
  readPlain: ReturnType<typeof compilePlainReader>;
  writePlain: ReturnType<typeof compilePlainWriter>;
}

const compiled = new WeakMap<EventType, Compiled>();

function compiledOf(event: EventType): Compiled {
  let known = compiled.get(event);
  if (!known) {
    const { schema } = event;
    known = {
      clean: compileClean(schema),
      check: compileCheck(schema),
      readPlain: compilePlainReader(schema),
      writePlain: compilePlainWriter(schema),
    };
    compiled.set(event, known);
  }
  return known;
}

/**
 * Reads one message at the door: MessagePack, JSON or (frames) a bare picture; ids filled in from the subject;
 * unknown fields left out; everything declared checked. Binary fields are views on the received body.
 * @throws {UndecodableError | BadSubjectError | IdMismatchError | SchemaViolationError}
 */
export function decodeEvent<E extends EventType>(event: E, received: Received): Value<E> {
  const ids = matchSubject(event, received.subject);
  if (!ids)
    throw new BadSubjectError(
      `Cannot read ${event.name} as its subject must be "${event.subject}": current value is "${received.subject}"`,
    );
  for (const name in ids)
    if (!isId(ids[name]!))
      throw new BadSubjectError(
        `Cannot read ${event.name} as ${name} in the subject must match [A-Za-z0-9_-]{1,64}: current value is ${JSON.stringify(ids[name])}`,
      );
  const plain = compiledOf(event).readPlain?.(received.body);
  const draft = plain ?? readCarefully(event, received);
  takeIds(event, draft, ids);
  event.fill?.(draft, received);
  assertEvent(event, draft);
  if (!plain) assertNoNul(draft, `Cannot read ${event.name}`);
  return draft as Value<E>;
}

/** One MessagePack map of an event's fields. Fields that are `undefined` are left out. */
export function encodeEvent<E extends EventType>(event: E, value: Value<E>): Uint8Array<ArrayBuffer> {
  return compiledOf(event).writePlain?.(value as object) ?? encode(value as object);
}

/** Checks a value that this process made itself. @throws {SchemaViolationError} */
export function assertEvent<E extends EventType>(event: E, value: unknown): asserts value is Value<E> {
  const check: Checker<TObject> = compiledOf(event).check;
  check.assert(value, `Cannot read ${event.name}`);
}

function readCarefully(event: EventType, received: Received): Record<string, unknown> {
  const { fields, json } = bodyOf(event, received);
  return compiledOf(event).clean(fields, json) as Record<string, unknown>;
}

function bodyOf(event: EventType, received: Received): { fields: Record<string, unknown>; json: boolean } {
  const media_type = event.fromPicture && sniffMediaType(received.body);
  if (media_type) return { fields: event.fromPicture!(received.body, media_type, received), json: false };
  return decodeBody(received.body, event.fromPicture && PICTURE_OR_MAP);
}

function takeIds(event: EventType, draft: Record<string, unknown>, ids: Record<string, string>): void {
  for (const name in ids) {
    const id = ids[name];
    if (draft[name] === undefined) draft[name] = id;
    else if (draft[name] !== id && typeof draft[name] === "string")
      throw new IdMismatchError(
        `Cannot read ${event.name} as ${name} must be "${id}" as in its subject: current value is ${JSON.stringify(draft[name])}`,
      );
  }
}
