import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../harness/world.ts";
import { openDoorBefore } from "./door-before.fixture.ts";
import { adds, ends } from "./scripted-llm.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const asked = { model: "gatehouse", messages: [{ role: "user" as const, content: "Who is there?" }] };
const tools: OpenAI.Chat.ChatCompletionTool[] = [{ type: "function", function: { name: "look" } }];

test("calls of tools that a server gives no numbers or ids are as many streamed as whole", async () => {
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
  }
});
