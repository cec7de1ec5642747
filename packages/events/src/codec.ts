import { describeError } from "@gatehouse/errors";
import { Decoder, Encoder } from "@msgpack/msgpack";
import { appearanceOf } from "./appearance.ts";
import { UndecodableError } from "./errors.ts";
import { checkMessagePackShape, MOST_LEVELS } from "./messagepack-shape.ts";

// Integers stay integers on the wire (uint64 for times), so that strictly typed clients can read them.
const encoder = new Encoder({ ignoreUndefined: true });
const LIMITS = { maxMapLength: 10_000, maxArrayLength: 100_000 };

/** One MessagePack map. Fields that are `undefined` are left out. */
export function encode(value: object): Uint8Array<ArrayBuffer> {
  return encoder.encode(value) as Uint8Array<ArrayBuffer>;
}

/** A decoded body: always a map. `json` says that binary fields are still base64 text. */
export interface DecodedBody {
  fields: Record<string, unknown>;
  json: boolean;
}

/**
 * Reads a body that is MessagePack or JSON. JSON may start with white space and starts with `{`.
 * Binary fields are views on `body`: copy what outlives the message. `wanted` is told to whoever sent anything else.
 * @throws {UndecodableError}
 */
export function decodeBody(body: Uint8Array, wanted = "a MessagePack map or a JSON object"): DecodedBody {
  const json = startsLikeJson(body);
  if (!json && !startsLikeMap(body)) {
    const seen = body.length === 0 ? "empty" : `${body.length} bytes that look like ${appearanceOf(body)}`;
    throw new UndecodableError(`Cannot read the body as it must be ${wanted}: it is ${seen}`);
  }
  const fields = json ? parseJson(body) : parseMessagePack(body);
  return { fields: fields as Record<string, unknown>, json };
}

/** https://github.com/msgpack/msgpack/blob/master/spec.md#map-format-family */
function startsLikeMap([first = 0]: Uint8Array): boolean {
  return (first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf;
}

function startsLikeJson(body: Uint8Array): boolean {
  for (const byte of body) {
    if (byte === 0x7b) return true;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  }
  return false;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return plain(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)), MOST_LEVELS);
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    throw new UndecodableError(`Cannot read the body as JSON: ${describeError(error).message}`, { cause: error });
  }
}

/** The same value without any `__proto__`. @throws {UndecodableError} when it is nested too deep. */
function plain(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0)
    throw new UndecodableError(`Cannot read the body as JSON as it must have at most ${MOST_LEVELS} levels`);
  Reflect.deleteProperty(value, "__proto__");
  for (const field of Object.values(value)) plain(field, levels - 1);
  return value;
}

function parseMessagePack(body: Uint8Array): unknown {
  checkMessagePackShape(body);
  try {
    return new Decoder(LIMITS).decode(body);
  } catch (error) {
    throw new UndecodableError(
      `Cannot read the body as MessagePack (${body.length} bytes): ${describeError(error).message}`,
      { cause: error },
    );
  }
}

/** JSON text with the same field names; bytes (a `Buffer` too) become base64. */
export function toJson(value: unknown, space?: number): string {
  return JSON.stringify(
    value,
    function (this: Record<string, unknown>, key, field) {
      const bytes = this[key]; // a Buffer has turned itself into a list before `field` is handed in
      if (!(bytes instanceof Uint8Array)) return field;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    },
    space,
  );
}
