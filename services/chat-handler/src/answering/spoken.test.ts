import type { LlmEnd } from "@gatehouse/models";
import { expect, test } from "vitest";
import type { Asking } from "./asking.ts";
import { Spoken } from "./spoken.ts";

const MODEL = { name: "m", version: "1", backend: "openai" };
const TOLD = { prompt_tokens: 7, completion_tokens: 9 };
const messages = [{ role: "user", content: "12345678" }] as const;

function spokenBy(usage: LlmEnd["usage"], said = "") {
  const telling: LlmEnd = { model: MODEL, models: [MODEL], usage, finish_reason: null };
  const spoken = new Spoken(said);
  spoken.asked({ telling: () => telling } as unknown as Asking, messages);
  return { spoken, telling };
}

test("usage is what the server told, at the end or before it was cut", () => {
  const { spoken, telling } = spokenBy(null);
  spoken.ended({ ...telling, usage: TOLD });
  expect(spoken.usage).toEqual(TOLD);
  expect(spokenBy(TOLD).spoken.usage).toEqual(TOLD);
  expect(spoken.model).toEqual(MODEL);
});

test("usage is counted, and says so, where no server told it", () => {
  const { spoken } = spokenBy(null);
  for (const pieces of [1, 2, 3]) {
    spoken.piece();
    expect(spoken.pieces).toBe(pieces);
  }
  expect(spoken.usage).toEqual({ prompt_tokens: 2, completion_tokens: 3, estimated: true });
});

test("usage has what another process said; an answer that begins anew has not", () => {
  const { spoken, telling } = spokenBy(null, "x".repeat(64));
  spoken.handedOver("continued");
  spoken.piece();
  expect(spoken.pieces).toBe(3);
  spoken.ended({ ...telling, usage: TOLD });
  expect(spoken.usage).toEqual({ prompt_tokens: 7, completion_tokens: 17, estimated: true });
  spoken.handedOver("restarted");
  spoken.piece();
  expect(spoken.pieces).toBe(1);
  expect(spoken.usage).toEqual({ prompt_tokens: 7, completion_tokens: 1, estimated: true });
});

test("model and usage are null while nobody has spoken", () => {
  const spoken = new Spoken("");
  expect([spoken.model, spoken.usage]).toEqual([null, null]);
});
