import { createLlm } from "@gatehouse/models";
import { expect, test } from "vitest";
import { askFor, textOf, type Voice } from "../../harness/recital.ts";
import { type Asked, startRecitingLlm } from "../../harness/reciting-llm.ts";

const { signal } = new AbortController();
const recital = { key: "s0.1", tokens: 50 };
const before = { key: "s0.0", tokens: 5 };
const messagesFor = (failures?: number) =>
  [
    { role: "system", content: "You answer." },
    { role: "user", content: askFor(before) },
    { role: "assistant", content: textOf(before, "b") },
    { role: "user", content: askFor({ ...recital, ...(failures === undefined ? {} : { failures }) }) },
  ] as const;

/** Asks so many times; the text is the last one's. */
async function ask(
  said?: string,
  { voice, failures }: { voice: Voice; failures?: number } = { voice: "a" },
  times = 1,
) {
  const asked: Asked[] = [];
  const server = await startRecitingLlm({ voice, tokens_per_s: 10_000, onAsked: (one) => asked.push(one) });
  const llm = createLlm([{ kind: "openai", url: server.url, model: voice }]);
  const request = { messages: messagesFor(failures), ...(said ? { said } : {}) };
  const codes: (string | null)[] = [];
  let text = "";
  for (let time = 0; time < times; time++) {
    text = "";
    const hear = async () => {
      for await (const part of llm.stream(request, { signal })) text += "text" in part ? part.text : "";
      return null;
    };
    codes.push(await hear().catch(({ code }: { code: string }) => code));
  }
  await llm.close();
  await server.stop();
  return { text, asked, codes };
}

test("a reciting model says a whole recital, and tells what it was asked", async () => {
  const { text, asked } = await ask();
  expect(text).toBe(textOf(recital, "a"));
  expect(asked).toEqual([{ key: "s0.1", said: 0, history: ["s0.0"], is_foreign: false }]);
});

test.each(["a", "b"] as const)("a reciting model goes on within a word of voice %s", async (voice) => {
  const whole = textOf(recital, voice);
  const said = whole.slice(0, 101);
  const { text, asked } = await ask(said);
  expect(said + text).toBe(whole);
  expect(asked).toMatchObject([{ said: 101, is_foreign: false }]);
});

test("a reciting model tells of words that nobody said", async () => {
  const { text, asked } = await ask(`${textOf(recital, "a").slice(0, 20)}x`);
  expect(asked[0]!.is_foreign).toBe(true);
  expect(text).toContain("not mine");
});

test.each([
  ["a", "breaks off in the middle", "MODEL_ANSWER", 10],
  ["b", "says nothing", null, 0],
] as const)(
  "a reciting model of voice %s %s as often as it was asked to, then says all",
  async (voice, _, code, words) => {
    const failing = { voice, failures: 2 };
    const begun = textOf({ ...recital, tokens: words }, voice);
    expect(await ask(undefined, failing, 2)).toMatchObject({ text: begun, codes: [code, code] });
    expect(await ask(undefined, failing, 3)).toMatchObject({ text: textOf(recital, voice), codes: [code, code, null] });
  },
);
