import { expect, test } from "vitest";
import { SseReader } from "./sse.ts";

function dataOf(pieces: Uint8Array[]): string[] {
  const reader = new SseReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const events = ": a comment\r\nevent: x\r\ndata: één\r\n\r\ndata:two\ndata: lines\n\n\nid: 1\n\ndata: last";
const wanted = ["één", "two\nlines", "last"];

test("SseReader reads events in one piece", () => {
  expect(dataOf([Buffer.from(events)])).toEqual(wanted);
});

test("SseReader reads events byte by byte", () => {
  expect(dataOf(Array.from(Buffer.from(events), (byte) => Uint8Array.of(byte)))).toEqual(wanted);
});

test("pending is how much of an event has come that is not whole yet", () => {
  const reader = new SseReader();
  reader.push(Buffer.from("data: one\n\ndata: tw"));
  expect(reader.pending).toBe("data: tw".length);
  reader.push(Buffer.from("o\ndata: thr"));
  expect(reader.pending).toBe("two".length + "data: thr".length);
  reader.push(Buffer.from("ee\n\n"));
  expect(reader.pending).toBe(0);
});
