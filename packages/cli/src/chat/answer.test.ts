import type { ChatPart } from "@gatehouse/events";
import { expect, test } from "vitest";
import { Answer, type KeptAnswer } from "./answer.ts";

const part = (seq: number, own: Partial<ChatPart>): ChatPart => ({
  request_id: "r-1",
  seq,
  type: "chunk",
  content: "",
  done: false,
  timestamp_ms: 1,
  ...own,
});
const chunk = (seq: number, content: string) => part(seq, { content });
const model = { name: "qwen3", version: "1", backend: "openai" };
const usage = { prompt_tokens: 7, completion_tokens: 3 };
const kept = (own: Partial<KeptAnswer>): KeptAnswer => ({
  state: "done",
  response: "A dog came [1].",
  sources: null,
  model,
  usage,
  error: null,
  ...own,
});

function hear(...parts: ChatPart[]) {
  const answer = new Answer("r-1", { from_seq: 0 });
  return { answer, changes: parts.map((one) => answer.take(one)).filter((change) => change !== null) };
}

test("Answer gathers text, sources and what it was made with, each part once", () => {
  const sources = [{ id: "e-1", text: "A dog", score: 0.9 }];
  const timings = { ttft_ms: 412, tokens_per_s: 38 };
  const { answer, changes } = hear(
    part(0, { type: "sources", sources }),
    chunk(1, "A dog "),
    chunk(1, "A dog "),
    part(0, { type: "sources", sources: [] }),
    chunk(2, "came [1]."),
    part(3, { type: "done", done: true, model, usage, timings }),
    chunk(4, "after the end"),
  );
  expect(changes).toEqual([
    { what: "sources" },
    { what: "text", text: "A dog " },
    { what: "text", text: "came [1]." },
    { what: "end" },
  ]);
  expect(answer).toMatchObject({ text: "A dog came [1].", sources, model, usage, timings, fault: null, broken: false });
});

test("Answer drops the text before a restarted handover, and keeps it before a continued one", () => {
  const { answer, changes } = hear(
    chunk(0, "A d"),
    part(1, { type: "handover", mode: "continued" }),
    chunk(2, "og"),
    part(3, { type: "handover", mode: "restarted" }),
    chunk(4, "A cat"),
  );
  expect(answer.text).toBe("A cat");
  expect(changes.filter(({ what }) => what === "handover")).toEqual([
    { what: "handover", mode: "continued" },
    { what: "handover", mode: "restarted" },
  ]);
});

test("Answer keeps why it failed, with the text so far", () => {
  const { answer } = hear(
    chunk(0, "A d"),
    part(1, { type: "error", code: "MODEL_DOWN", message: "No model", retryable: true }),
  );
  expect(answer).toMatchObject({
    ended: true,
    text: "A d",
    fault: { code: "MODEL_DOWN", message: "No model", retryable: true },
  });
});

test("Answer knows that parts are missing, and the kept answer mends it", () => {
  const { answer } = hear(chunk(0, "A "), chunk(2, "came"));
  expect([answer.broken, answer.ended]).toEqual([true, false]);
  expect(answer.takeKept(kept({}))).toEqual([
    { what: "handover", mode: "restarted" },
    { what: "text", text: "A dog came [1]." },
    { what: "end" },
  ]);
  expect(answer).toMatchObject({ text: "A dog came [1].", broken: false, ended: true, model, usage });
});

test("Answer takes from the kept answer only what it had not heard", () => {
  const sources = [{ id: "e-1", text: "A dog", score: 0.9 }];
  const { answer } = hear(chunk(0, "A dog "));
  expect(answer.takeKept(kept({ sources }))).toEqual([
    { what: "sources" },
    { what: "text", text: "came [1]." },
    { what: "end" },
  ]);
  const cancelled = hear(chunk(0, "A dog ")).answer;
  expect(cancelled.takeKept(kept({ state: "cancelled", response: "A dog " }))).toEqual([{ what: "end" }]);
  expect(cancelled.fault).toMatchObject({ code: "CANCELLED", retryable: false });
});

test("Answer that is tried again begins with whatever comes first", () => {
  const answer = new Answer("r-1", { from_seq: null });
  expect(answer.take(part(17, { type: "handover", mode: "restarted" }))).not.toBeNull();
  expect(answer.take(chunk(18, "A cat"))).toEqual({ what: "text", text: "A cat" });
  expect(answer.broken).toBe(false);
});
