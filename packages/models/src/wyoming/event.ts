import { type Checker, compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import type { Fault } from "../calling/faults.ts";
import { readJsonAnswer } from "../calling/json-answer.ts";
import type { ByteReader } from "./byte-reader.ts";

/** One event of the Wyoming protocol: https://github.com/OHF-Voice/wyoming#format */
export interface WyomingEvent {
  type: string;
  data: Record<string, unknown>;
  /** Samples, usually. */
  payload?: Uint8Array;
}

const Length = Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]));
const Data = Type.Record(Type.String(), Type.Unknown());
/** The line that an event begins with. Its data stand in it, or behind it, or both. */
const Header = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 256 }),
  data: Type.Optional(Type.Union([Data, Type.Null()])),
  data_length: Length,
  payload_length: Length,
});

export interface EventChecks {
  header: Checker<typeof Header>;
  data: Checker<typeof Data>;
}

/** Compiles the checks of events; once per client. */
export const compileEventChecks = (): EventChecks => ({ header: compileCheck(Header), data: compileCheck(Data) });

/** An event as it goes over the wire. */
export function encodeEvent({ type, data, payload }: WyomingEvent): Uint8Array {
  const dataBytes = Buffer.from(JSON.stringify(data));
  const lengths = { data_length: dataBytes.length, payload_length: payload?.length };
  const header = Buffer.from(`${JSON.stringify({ type, ...lengths })}\n`);
  return Buffer.concat([header, dataBytes, ...(payload ? [payload] : [])]);
}

/** The next event; null when the server has closed. @throws {ModelAnswerError} when it is none, or cut off */
export async function readEvent(
  bytes: ByteReader,
  { checks, fault }: { checks: EventChecks; fault: Fault },
): Promise<WyomingEvent | null> {
  const line = await bytes.line();
  if (line === null) return null;
  const header: Static<typeof Header> = readJsonAnswer(line, { check: checks.header, name: "an event", fault });
  const { type, data_length, payload_length } = header;
  const more = data_length ? await bytes.exactly(data_length) : null;
  const moreData = more ? readJsonAnswer(more.toString("utf8"), { check: checks.data, name: "data", fault }) : {};
  const payload = payload_length ? await bytes.exactly(payload_length) : null;
  return { type, data: { ...header.data, ...moreData }, ...(payload ? { payload } : {}) };
}
