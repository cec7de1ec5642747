import { afterAll, beforeAll, expect, test } from "vitest";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await setupChat();
  await chat.run();
});
afterAll(() => chat.stop());

test("an answer arrives whole, in parts numbered from 0, and is kept with its conversation", async () => {
  await chat.ask("r-1");
  const parts = await chat.told("r-1");
  expect(textOf(parts)).toBe("The gate is open.");
  expect(parts.at(-1)).toMatchObject({
    type: "done",
    content: "",
    model: { name: "reference", backend: "reference" },
    usage: { completion_tokens: 4 },
  });
  const row = await chat.ended("r-1");
  expect(row).toMatchObject({
    state: "done",
    text: "The gate is open.",
    epoch: 1,
    error: null,
    user_id: "ada",
    session_id: "ada",
  });
  expect(await chat.world.db.query("select role, content from chat_messages order by message_id")).toEqual([
    { role: "user", content: "The gate is open. Is the gate open?" },
    { role: "assistant", content: "The gate is open." },
  ]);
});
