import { decodeBody, encode } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";
import type { ScriptedLlm } from "./scripted-llm.fixture.ts";

let chat: Chat;
let model: ScriptedLlm;
beforeAll(async () => {
  chat = await setupChat();
  model = await chat.scripted((messages) => ["You", " said: ", messages.at(-1)!.content]);
  await chat.run({ env: { GATEHOUSE_MODELS__LLM: model.setting } });
});
afterAll(() => chat.stop());

/** The scripted model does not tell its tokens. */
const counted = (completion_tokens: number) => ({ completion_tokens, estimated: true });

test("an answer arrives whole, in parts numbered from 0, and is kept with its conversation", async () => {
  await chat.ask("r-1", { message: "Hello" });
  const parts = await chat.told("r-1");
  expect(textOf(parts)).toBe("You said: Hello");
  expect(parts.at(-1)).toMatchObject({ type: "done", content: "", model: { name: "scripted" }, usage: counted(3) });
  const whole = { state: "done", text: "You said: Hello", epoch: 1, error: null, user_id: "ada", session_id: "ada" };
  expect(await chat.ended("r-1")).toMatchObject(whole);
  expect(await chat.world.db.query("select role, content from chat_messages order by message_id")).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: "You said: Hello" },
  ]);
});

test("the first word leaves alone and at once, what follows is gathered", async () => {
  await chat.ask("r-first", { message: "one two three", session_id: "first" });
  const chunks = (await chat.told("r-first")).filter(({ type }) => type === "chunk");
  expect(chunks.map(({ content }) => content)).toEqual(["You", " said: one two three"]);
});

test("the whole answer goes to its subject and to reply_to; JSON is taken as well as MessagePack", async () => {
  const { bus } = chat.world;
  const seen: unknown[] = [];
  const subjects = ["ai.chat.response.r-2", "_INBOX.test.r-2"];
  const offs = subjects.map((subject) => bus.subscribe(subject, ({ body }) => seen.push(decodeBody(body).fields)));
  const body = { request_id: "r-2", message: "Hi", reply_to: "_INBOX.test.r-2", session_id: "json" };
  await bus.publish("ai.chat.user.ada.message", Buffer.from(` ${JSON.stringify(body)}`));
  await until("both have the answer", () => seen.length === 2);
  for (const off of offs) off();
  const model = { name: "scripted", version: "unknown", backend: "openai" };
  expect(seen[0]).toEqual({
    request_id: "r-2",
    response: "You said: Hi",
    sources: [],
    model,
    usage: { ...counted(3), prompt_tokens: expect.any(Number) },
  });
  expect(seen[1]).toEqual(seen[0]);
});

test("without streaming only the end is told, with model and usage", async () => {
  await chat.ask("r-3", { message: "Quietly", enable_streaming: false, session_id: "quiet" });
  const parts = await chat.told("r-3");
  expect(parts).toMatchObject([{ seq: 0, type: "done", usage: counted(3), model: { name: "scripted" } }]);
  expect(await chat.ended("r-3")).toMatchObject({ text: "You said: Quietly" });
});

test("a conversation remembers its turns, also when Redis has lost them, and forgets nothing of another's", async () => {
  const heard = async (request_id: string) => {
    await chat.ask(request_id, { message: request_id, session_id: "memory" });
    await chat.told(request_id);
    return model.asked
      .at(-1)!
      .slice(1)
      .map(({ content }) => content);
  };
  const turn = (message: string) => [message, `You said: ${message}`];
  expect(await heard("m-1")).toEqual(["m-1"]);
  expect(await heard("m-2")).toEqual([...turn("m-1"), "m-2"]);
  await chat.world.redis.restart();
  expect(await heard("m-3")).toEqual([...turn("m-1"), ...turn("m-2"), "m-3"]);
  expect(await heard("m-4")).toEqual([...turn("m-1"), ...turn("m-2"), ...turn("m-3"), "m-4"]);
});

test("the same message twice is answered once", async () => {
  await chat.ask("r-4", { message: "Once", session_id: "twice" });
  await chat.ended("r-4");
  await chat.world.bus.publish("ai.chat.user.ada.message", encode({ request_id: "r-4", message: "Twice" }));
  await chat.ask("r-5", { message: "After", session_id: "twice" });
  await chat.ended("r-5");
  expect(textOf(await chat.told("r-4"))).toBe("You said: Once");
  expect(model.asked.filter((messages) => messages.at(-1)!.content === "Twice")).toEqual([]);
});
