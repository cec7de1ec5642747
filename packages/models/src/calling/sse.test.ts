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
