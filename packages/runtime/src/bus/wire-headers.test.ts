import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { wireHeaders } from "./wire-headers.ts";

/** As the client would write them. */
function byClient(fields: Record<string, string>): Uint8Array {
  const made = headers();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return (made as MsgHdrs & { encode(): Uint8Array }).encode();
}

test("wireHeaders() writes what the client would write", () => {
  const more = { "content-type": "application/msgpack", "X/Trace(1)": "00-ab-cd-01", "Gatehouse-Reason": "größer: 3" };
  expect(Buffer.from(wireHeaders("f-1", 7, more)!.encode()).toString()).toBe(
    Buffer.from(byClient({ "Nats-Msg-Id": "f-1", "Nats-Expected-Last-Subject-Sequence": "7", ...more })).toString(),
  );
});

test("wireHeaders() gives nothing when there is nothing to say", () => {
  expect(wireHeaders(undefined, undefined, undefined)).toBeUndefined();
});

test.each([
  ["a value with a line end", { reason: "a\r\nNats-Rollup: all" }],
  ["a value with a line feed", { reason: "a\nb" }],
  ["a name with a colon", { "a: b": "c" }],
  ["an empty name", { "": "c" }],
])("wireHeaders() refuses %s", (_what, more) => {
  expect(() => wireHeaders("f-1", undefined, more)).toThrow("must be one line of text");
});

test("wireHeaders() refuses a message id with a line end", () => {
  expect(() => wireHeaders("a\r\nb", undefined, undefined)).toThrow('"Nats-Msg-Id"');
});
