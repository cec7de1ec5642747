import { expect, test } from "vitest";
import { sseData } from "./sse.ts";

async function dataOf(pieces: Uint8Array[]): Promise<string[]> {
  async function* chunks() {
    yield* pieces;
  }
  const events: string[] = [];
  for await (const data of sseData(chunks())) events.push(data);
  return events;
}

const events = ": a comment\r\nevent: x\r\ndata: één\r\n\r\ndata:two\ndata: lines\n\n\nid: 1\n\ndata: last";
const wanted = ["één", "two\nlines", "last"];

test("sseData() reads events in one piece", async () => {
  expect(await dataOf([Buffer.from(events)])).toEqual(wanted);
});

test("sseData() reads events byte by byte", async () => {
  expect(await dataOf(Array.from(Buffer.from(events), (byte) => Uint8Array.of(byte)))).toEqual(wanted);
});
