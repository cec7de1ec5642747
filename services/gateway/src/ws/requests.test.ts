import { encode } from "@gatehouse/events";
import { expect, test } from "vitest";
import { readRequest } from "./requests.ts";

const text = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));

test.each<[string, Uint8Array, string | null]>([
  ["nothing", Buffer.alloc(0), null],
  ["no JSON", text("{oops"), null],
  ["a list", text([1]), null],
  ["bytes", Buffer.of(0xc1, 0xff), null],
  ["no op", text({ id: "a" }), "a"],
  ["an op of the prototype", text({ op: "constructor", id: "a" }), "a"],
  ["no id", text({ op: "subscribe", subject: "x" }), null],
  ["an id that is a number", text({ op: "subscribe", id: 1, subject: "x" }), null],
  ["no subject", text({ op: "subscribe", id: "a" }), "a"],
  ["a from that is none", text({ op: "subscribe", id: "a", subject: "x", from: "old" }), "a"],
  ["a negative sequence", text({ op: "subscribe", id: "a", subject: "x", from: { seq: -1 } }), "a"],
  ["a broken sequence", text({ op: "subscribe", id: "a", subject: "x", from: { seq: 1.5 } }), "a"],
  ["a batch of none", text({ op: "subscribe", id: "a", subject: "x", batch: { ms: 1, max: 0 } }), "a"],
  ["no data", text({ op: "publish", id: "a", subject: "x" }), "a"],
  ["data that is text", text({ op: "publish", id: "a", subject: "x", data: "y" }), "a"],
  ["a msg_id of two lines", text({ op: "publish", id: "a", subject: "x", data: {}, msg_id: "a\r\nb" }), "a"],
  ["a key that is none", text({ op: "auth", key: 7 }), null],
])("readRequest() refuses %s", (_what, bytes, id) => {
  const read = readRequest(bytes);
  expect(read).toMatchObject({ id, error: { code: "BAD_MESSAGE" } });
});

test("readRequest() reads JSON and MessagePack alike", () => {
  const request = {
    op: "subscribe",
    id: "a",
    subject: "camera.*.event.>",
    from: { seq: 3, epoch: 9 },
    batch: { ms: 5, max: 2 },
  };
  expect(readRequest(text(request))).toEqual({ request, json: true });
  expect(readRequest(encode(request))).toEqual({ request, json: false });
});
