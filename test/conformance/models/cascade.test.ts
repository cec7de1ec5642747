import { createLlm, type Handover, type LlmEnd, type LlmPart } from "@gatehouse/models";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import { afterAll, beforeAll, expect, test } from "vitest";

const { signal } = new AbortController();
const servers: ReferenceModels[] = [];

beforeAll(async () => {
  for (let n = 0; n < 3; n++) servers.push(await startReferenceModels({}));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** A question whose answer has that many tokens. */
function question(tokens: number) {
  const words = Array.from({ length: tokens - 2 }, (_, n) => `gate${n % 97}-${n}`).join(" ");
  return [{ role: "user", content: `The gate, ${words}. Ravens like walnuts. What of the gate?` }] as const;
}

/** Asks a list of the servers, of which the first ones die after so many tokens. */
async function ask(messages: ReturnType<typeof question>, ...deaths: number[]) {
  for (const [at, { failures }] of servers.entries()) failures.chat.drop_after_tokens = deaths[at] ?? null;
  const llm = createLlm(servers.map(({ url }, at) => ({ kind: "openai", url, model: `m${at}` })));
  const answer = await collect(llm.stream({ messages }, { signal }));
  await llm.close();
  return answer;
}

async function collect(parts: AsyncGenerator<LlmPart, LlmEnd, void>) {
  const handovers: Handover[] = [];
  let text = "";
  for (;;) {
    const next = await parts.next();
    if (next.done) return { text, handovers, models: next.value.models.map(({ name }) => name) };
    if ("text" in next.value) text += next.value.text;
    else handovers.push(next.value.handover);
  }
}

test("a stream whose first model dies after N tokens, for every N in 0..50, is one whole answer with one mark", async () => {
  const messages = question(60);
  const whole = await ask(messages);
  expect(whole).toMatchObject({ handovers: [], models: ["m0"] });
  for (let tokens = 0; tokens <= 50; tokens++) {
    const { text, handovers, models } = await ask(messages, tokens);
    expect(text).toBe(whole.text);
    expect(handovers).toMatchObject([{ mode: "continued", from: { name: "m0" }, to: { name: "m1" } }]);
    expect(whole.text.slice(0, handovers[0]!.characters).match(/\S+/g)?.length ?? 0).toBe(tokens);
    expect(models).toEqual(tokens === 0 ? ["m1"] : ["m0", "m1"]);
  }
});

test("a model that dies after 800 tokens, and the one after it, are gone on with", async () => {
  const messages = question(1_200);
  const { text } = await ask(messages);
  expect(text.match(/\S+/g)).toHaveLength(1_200);
  expect(await ask(messages, 800)).toMatchObject({ text, handovers: [{ from: { name: "m0" } }], models: ["m0", "m1"] });
  expect(await ask(messages, 800, 100)).toMatchObject({
    text,
    handovers: [
      { from: { name: "m0" }, to: { name: "m1" } },
      { from: { name: "m1" }, to: { name: "m2" } },
    ],
    models: ["m0", "m1", "m2"],
  });
});
