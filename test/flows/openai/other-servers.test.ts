import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../harness/world.ts";
import { openDoorBefore } from "./door-before.fixture.ts";
import { adds, ends, says, startScriptedLlm } from "./scripted-llm.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const asked = { model: "gatehouse", messages: [{ role: "user" as const, content: "Who is there?" }] };
const tools: OpenAI.Chat.ChatCompletionTool[] = [{ type: "function", function: { name: "look" } }];

test("calls of tools that a server gives no numbers or ids are as many streamed as whole, and end as calls", async () => {
  const call = (camera: string) =>
    adds({ tool_calls: [{ function: { name: "look", arguments: `{"at":"${camera}"}` } }] });
  const { client } = await openDoorBefore(world, [
    (response) => response.end(call("gate") + call("yard") + ends("stop")),
  ]);
  const whole = await client.chat.completions.create({ ...asked, tools });
  const streamed = await client.chat.completions.stream({ ...asked, tools }).finalChatCompletion();
  for (const { choices } of [whole, streamed]) {
    expect(choices[0]!.message.tool_calls).toMatchObject(
      ["gate", "yard"].map((at) => ({
        id: expect.stringMatching(/^call_/),
        type: "function",
        function: { name: "look", arguments: `{"at":"${at}"}` },
      })),
    );
    expect(new Set(choices[0]!.message.tool_calls!.map(({ id }) => id)).size).toBe(2);
    expect(choices[0]!.finish_reason).toBe("tool_calls");
  }
});

test("all chunks of an answer name the model that was asked for", async () => {
  const { client } = await openDoorBefore(world, [(response) => response.end(says("Nobody") + ends())]);
  const stream = await client.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  });
  const models = [];
  for await (const { model } of stream) models.push(model);
  expect([models.length, ...new Set(models)]).toEqual([4, "gatehouse"]);
});

test("a model may call the most tokens of an answer max_completion_tokens", async () => {
  const model = await startScriptedLlm((response) => response.end(says("I") + ends()));
  const entry = { url: model.url, model: "gpt-5", max_tokens_field: "max_completion_tokens" } as const;
  const { client } = await openDoorBefore(world, [], { llm: [entry] });
  await client.chat.completions.create({ ...asked, max_tokens: 9 });
  await model.stop();
  expect(model.asked[0]).toMatchObject({ max_completion_tokens: 9 });
  expect(model.asked[0]).not.toHaveProperty("max_tokens");
});

test("what else a server says of a call is passed on, as Gemini's signature, which it wants back", async () => {
  const more = { extra_content: { google: { thought_signature: "abc" } } };
  const call = { index: 0, id: "c1", type: "function", function: { name: "look", arguments: "{}" }, ...more };
  const { client } = await openDoorBefore(world, [
    (response) => response.end(adds({ tool_calls: [call] }) + ends("tool_calls")),
  ]);
  const { choices } = await client.chat.completions.create({ ...asked, tools });
  expect(choices[0]!.message.tool_calls).toMatchObject([more]);
  const deltas = [];
  for await (const chunk of await client.chat.completions.create({ ...asked, tools, stream: true }))
    deltas.push(...(chunk.choices[0]!.delta.tool_calls ?? []));
  expect(deltas).toEqual([call]);
});

test("what a model thinks is passed on beside its words, streamed and whole", async () => {
  const thinks = (...thoughts: string[]) => adds(...thoughts.map((reasoning_content) => ({ reasoning_content })));
  const { client } = await openDoorBefore(world, [
    (response) => response.end(thinks("A bell ", "rang") + says("Somebody") + ends()),
  ]);
  const { choices } = await client.chat.completions.create(asked);
  expect(choices[0]!.message).toMatchObject({ reasoning_content: "A bell rang", content: "Somebody" });
  const deltas = [];
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
    deltas.push(chunk.choices[0]!.delta);
  expect(deltas).toEqual([
    { role: "assistant", content: "" },
    { reasoning_content: "A bell " },
    { reasoning_content: "rang" },
    { content: "Somebody" },
    {},
  ]);
});
