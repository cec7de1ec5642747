import { createLlm } from "@gatehouse/models";
import { expect, test } from "vitest";
import { askFor, textOf } from "../../harness/recital.ts";
import { type Asked, startRecitingLlm } from "../../harness/reciting-llm.ts";

const { signal } = new AbortController();
const recital = { key: "s0.1", tokens: 50 };
const before = { key: "s0.0", tokens: 5 };
const messages = [
  { role: "system", content: "You answer." },
  { role: "user", content: askFor(before) },
  { role: "assistant", content: textOf(before, "b") },
  { role: "user", content: askFor(recital) },
] as const;

async function ask(said?: string) {
  const asked: Asked[] = [];
  const options = { voice: "a", tokens_per_s: 10_000, onAsked: (one: Asked) => asked.push(one) } as const;
  const server = await startRecitingLlm(options);
  const llm = createLlm([{ kind: "openai", url: server.url, model: "a" }]);
  let text = "";
  for await (const part of llm.stream({ messages, ...(said ? { said } : {}) }, { signal }))
    text += "text" in part ? part.text : "";
  await llm.close();
  await server.stop();
  return { text, asked: asked[0]! };
}

test("a reciting model says a whole recital, and tells what it was asked", async () => {
  const { text, asked } = await ask();
  expect(text).toBe(textOf(recital, "a"));
  expect(asked).toEqual({ key: "s0.1", said: 0, history: ["s0.0"], is_foreign: false });
});

test.each(["a", "b"] as const)("a reciting model goes on within a word of voice %s", async (voice) => {
  const whole = textOf(recital, voice);
  const said = whole.slice(0, 101);
  const { text, asked } = await ask(said);
  expect(said + text).toBe(whole);
  expect(asked).toMatchObject({ said: 101, is_foreign: false });
});

test("a reciting model tells of words that nobody said", async () => {
  const { text, asked } = await ask(`${textOf(recital, "a").slice(0, 20)}x`);
  expect(asked.is_foreign).toBe(true);
  expect(text).toContain("not mine");
});
