import { decode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { decodeBody, encode, toJson } from "./codec.ts";
import { thrownBy } from "./received.fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("encode() writes times as uint64, never as float64", () => {
  const body = encode({ t: 1_763_700_000_000 });
  expect([...body.subarray(0, 4)]).toEqual([0x81, 0xa1, 0x74, 0xcf]);
  expect(new DataView(body.buffer, body.byteOffset).getBigUint64(4)).toBe(1_763_700_000_000n);
});

test("encode() keeps small integers small and fractions exact", () => {
  expect([...encode({ n: 5 })]).toEqual([0x81, 0xa1, 0x6e, 5]);
  expect(encode({ n: 0.1 })[3]).toBe(0xcb);
  expect(decode(encode({ n: 0.1 }))).toEqual({ n: 0.1 });
});

test("encode() leaves out what is undefined and writes bytes as bin", () => {
  expect([...encode({ a: undefined, b: Uint8Array.of(1, 2) })]).toEqual([0x81, 0xa1, 0x62, 0xc4, 2, 1, 2]);
});

test("encode() gives each caller a body of its own", () => {
  const first = encode({ a: 1 });
  encode({ a: 2, b: "something longer" });
  expect(decode(first)).toEqual({ a: 1 });
});

test("decodeBody() reads JSON after white space", () => {
  expect(decodeBody(bytes(' \n\t\r{"a":1}'))).toEqual({ fields: { a: 1 }, json: true });
});

test("decodeBody() reads a MessagePack map and hands out views on the body", () => {
  const body = encode({ image: Uint8Array.of(9, 8) });
  const { fields, json } = decodeBody(body);
  expect(json).toBe(false);
  expect((fields.image as Uint8Array).buffer).toBe(body.buffer);
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["white space", bytes("  ")],
  ["half a JSON text", bytes('{"a":')],
  ["JSON with bytes that are no UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
  ["a list", Uint8Array.of(0x91, 1)],
  ["a number", Uint8Array.of(5)],
  ["nil", Uint8Array.of(0xc0)],
  ["bin", Uint8Array.of(0xc4, 1, 1)],
  ["two maps", Uint8Array.of(0x80, 0x80)],
  ["the byte that MessagePack never uses", Uint8Array.of(0xc1)],
  ["a map with a map as its key", Uint8Array.of(0x81, 0x80, 1)],
])("decodeBody() refuses %s", (_what, body) => {
  expect(thrownBy(() => decodeBody(body))).toMatchObject({ code: "UNDECODABLE", retry: "never" });
});

test.each([
  ["text", "hello, wörld"],
  ["a JSON list", '  [{"a":1}]'],
  ["HTML or XML", "<html>"],
  ["base64 text", Buffer.alloc(600, 7).toString("base64")],
  ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0)],
  ["a video, HEIC or AVIF", Uint8Array.of(0, 0, 0, 24, ...bytes("ftypisom"), 0)],
  ["a bare picture (image/jpeg)", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
  ["a MessagePack list", Uint8Array.of(0x91, 1)],
  ['bytes that begin with "c1000102"', Uint8Array.of(0xc1, 0, 1, 2)],
])("decodeBody() says that it saw %s, what it wanted, and nothing of the content", (seen, sent) => {
  const body = typeof sent === "string" ? bytes(sent) : sent;
  const said = `Cannot read the body as it must be a MessagePack map or a JSON object: it is ${body.length} bytes that look like ${seen}`;
  expect(thrownBy(() => decodeBody(body)).message).toBe(said);
});

test("decodeBody() knows text whose last letter looked at is cut in two", () => {
  expect(thrownBy(() => decodeBody(bytes(`a${"ü".repeat(600)}`))).message).toMatch(/look like text$/);
});

test("decodeBody() never lets __proto__ through", () => {
  const { fields } = decodeBody(
    bytes('{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1},"b":[{"__proto__":1}]}}'),
  );
  expect(fields).toEqual({ a: { b: [{}] } });
  expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  const map = Uint8Array.of(0x81, 0xa9, ...bytes("__proto__"), 0x81, 0xa1, 0x78, 1);
  expect(thrownBy(() => decodeBody(map)).code).toBe("UNDECODABLE");
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("decodeBody() refuses JSON with more than 32 levels", () => {
  const nested = (levels: number) => bytes(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
  expect(decodeBody(nested(32)).json).toBe(true);
  expect(thrownBy(() => decodeBody(nested(33))).message).toContain("at most 32 levels");
  expect(thrownBy(() => decodeBody(nested(100_000))).code).toBe("UNDECODABLE");
});

test("toJson() writes bytes as base64, a Buffer and a view as well", () => {
  const view = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
  expect(JSON.parse(toJson({ a: view, b: Buffer.from("hi"), c: [Uint8Array.of()] }))).toEqual({
    a: "AQI=",
    b: "aGk=",
    c: [""],
  });
});
