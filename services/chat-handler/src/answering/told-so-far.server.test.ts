import { chatMessage, chatResponseStream } from "@gatehouse/events";
import type { NatsBus } from "@gatehouse/runtime";
import type { AnswerRow } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partOf } from "./part.ts";
import { startBus } from "./start-bus.fixture.ts";
import { lastPart, toldSoFar } from "./told-so-far.ts";

let bus: NatsBus;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ bus, stop } = await startBus());
});
afterAll(() => stop());

const answerOf = (request_id: string, own: Partial<AnswerRow> = {}) =>
  ({ ...own, request_id, next_seq: own.next_seq ?? 0, text: own.text ?? "", sources: null }) as AnswerRow;
const tell = (request_id: string, seq: number, content: string) =>
  bus.publishEvent(chatResponseStream, partOf({ request_id, seq }, { type: "chunk", content }));
const told = (answer: AnswerRow) => toldSoFar(bus, answer, AbortSignal.timeout(20_000));

test("toldSoFar() adds to the row what the stream has beyond it", async () => {
  await tell("r-on", 0, "One");
  const { seq } = await tell("r-on", 1, " two");
  expect(await told(answerOf("r-on", { next_seq: 1, text: "One" }))).toMatchObject({
    text: "One two",
    next_seq: 2,
    last_seq: seq,
    is_stale: false,
    has_news: true,
  });
});

test("toldSoFar() begins anew behind what is no part, and lastPart() says where that is", async () => {
  await tell("r-odd", 0, "One");
  const { seq } = await bus.publish("ai.chat.response.stream.r-odd", Buffer.from(chatMessage.name));
  expect(await told(answerOf("r-odd"))).toMatchObject({ next_seq: 1, last_seq: seq, is_stale: true });
  expect(await lastPart(bus, "r-odd")).toEqual({ part: null, last_seq: seq });
});

test("toldSoFar() begins anew when the stream has nothing of what was told", async () => {
  expect(await told(answerOf("r-gone", { next_seq: 3, text: "Gone" }))).toMatchObject({ next_seq: 3, is_stale: true });
  expect(await lastPart(bus, "r-gone")).toBeNull();
});
