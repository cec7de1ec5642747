import { Kind, type TObject, type TSchema } from "@sinclair/typebox";
import { PlainBody } from "./plain-body.ts";

/** Reads one value of a schema from where the body stands. Throws `NOT_PLAIN` at anything else than what it expects. */
type Read = (body: PlainBody) => unknown;

/** Thrown at what only the careful reader can judge: a wrong type, an unknown or repeated field, text with U+0000, a cut. */
const NOT_PLAIN = Object.freeze({ plain: false });

const MOST_ITEMS = 100_000;
const NIL = 0xc0;

/**
 * Compiles a reader of MessagePack bodies that are just what the schema declares: it builds the declared fields in
 * one walk (measured: a quarter of the time of looking at the shape, decoding, cleaning and looking for U+0000 one
 * after the other). It gives null for any other body: the careful reader then takes it, or names what is wrong.
 * Null for a schema with fields of any shape.
 */
export function compilePlainReader(schema: TObject): ((body: Uint8Array) => Record<string, unknown> | null) | null {
  const read = readerOf(schema);
  if (!read) return null;
  return (bytes) => {
    const body = new PlainBody(bytes, NOT_PLAIN);
    try {
      const value = read(body);
      return body.left === 0 ? (value as Record<string, unknown>) : null;
    } catch (thrown) {
      if (thrown === NOT_PLAIN || thrown instanceof RangeError) return null;
      throw thrown;
    }
  };
}

function readerOf(schema: TSchema): Read | null {
  switch (schema[Kind]) {
    case "Object":
      return objectReader(schema as TObject);
    case "Array":
      return arrayReader(schema.items);
    case "Union":
      return unionReader(schema.anyOf);
    case "String":
      return (body) => body.text();
    case "Literal":
      return typeof schema.const === "string" ? (body) => body.text() : null;
    case "Number":
    case "Integer":
      return (body) => body.number();
    case "Boolean":
      return (body) => body.truth();
    case "Uint8Array":
      return (body) => body.bytes();
    default:
      return null;
  }
}

interface Field {
  name: string;
  key: Uint8Array;
  read: Read;
  fallback: unknown;
}

function objectReader({ properties }: TObject): Read | null {
  const fields: Field[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    const read = readerOf(schema);
    if (!read) return null;
    fields.push({ name, key: Buffer.from(name), read, fallback: schema.default });
  }
  const filled = fields.filter(({ fallback }) => fallback !== undefined);
  return (body) => {
    const value: Record<string, unknown> = {};
    let expected = 0;
    for (let left = body.mapLength(); left > 0; left--) {
      const at = fieldAt(fields, body, expected);
      const { name, read } = fields[at]!;
      if (at < expected && Object.hasOwn(value, name)) throw NOT_PLAIN;
      value[name] = read(body);
      expected = at + 1;
    }
    for (const { name, fallback } of filled) if (value[name] === undefined) value[name] = structuredClone(fallback);
    return value;
  };
}

/** Fields mostly come in the order in which they are declared, some left out. */
function fieldAt(fields: readonly Field[], body: PlainBody, expected: number): number {
  for (let i = expected; i < fields.length; i++) if (body.takesKey(fields[i]!.key)) return i;
  for (let i = 0; i < expected; i++) if (body.takesKey(fields[i]!.key)) return i;
  throw NOT_PLAIN;
}

function arrayReader(items: TSchema): Read | null {
  const read = readerOf(items);
  if (!read) return null;
  return (body) => {
    const length = body.arrayLength();
    if (length > MOST_ITEMS || length > body.left) throw NOT_PLAIN;
    const list: unknown[] = [];
    for (let i = 0; i < length; i++) list.push(read(body));
    return list;
  };
}

/** One of a few words, or something or null. */
function unionReader(choices: readonly TSchema[]): Read | null {
  const others = choices.filter((choice) => choice[Kind] !== "Null");
  if (others.every((choice) => choice[Kind] === "Literal" && typeof choice.const === "string"))
    return others.length === choices.length ? (body) => body.text() : null;
  const read = others.length === 1 ? readerOf(others[0]!) : null;
  if (!read || others.length === choices.length) return null;
  return (body) => (body.takes(NIL) ? null : read(body));
}
