import { answerDueKey, claimRequest, openRedis } from "@gatehouse/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";
import { hang, type ScriptedLlm } from "./scripted-llm.fixture.ts";

let chat: Chat;
let model: ScriptedLlm;
const said = new Set<string>();
beforeAll(async () => {
  chat = await setupChat();
  model = await chat.scripted(async function* (messages, _n, gone) {
    const question = messages.at(-1)!.content;
    yield `You said: ${question}`;
    if (question === "Hang") await hang(gone);
    said.add(question);
  });
  await chat.run({ env: { GATEHOUSE_MODELS__LLM: model.setting } });
});
afterAll(() => chat.stop());

const asked = (question: string) =>
  model.asked.filter((messages) => messages.at(-1)!.content === question).map((messages) => messages.slice(1, -1));

test("the model is asked while the question is written down, and nobody hears its answer before", async () => {
  const { db, bus } = chat.world;
  await db.transaction(async (tx) => {
    await tx.query("lock table answers in access exclusive mode");
    await chat.ask("early", { message: "Already?" });
    await until("the model has said all", () => said.has("Already?"));
    expect(await bus.lastMessage("AI_CHAT_STREAM", "ai.chat.response.stream.early")).toBeNull();
  });
  expect(textOf(await chat.told("early"))).toBe("You said: Already?");
  expect(asked("Already?")).toEqual([[]]);
});

test("each question is asked of the model once, also after Redis was emptied", async () => {
  const turns = ["First", "Second", "Third", "Fourth"];
  for (const [n, message] of turns.entries()) {
    if (n === 2) await chat.world.redis.restart();
    await chat.ask(message, { message, session_id: "once" });
    await chat.told(message);
  }
  expect(turns.map((turn) => asked(turn).map((history) => history.length))).toEqual([[0], [2], [4], [6]]);
});

test("a model that was asked with a conversation out of date is asked anew", async () => {
  await chat.ask("o-1", { message: "Before", session_id: "old" });
  await chat.ended("o-1");
  const cache = openRedis(chat.world.backing.redis_url, { name: "test", key_prefix: "gh:" });
  onTestFinished(() => cache.close());
  const key = `chat:${answerDueKey("ada", "old")}`;
  await until("the conversation is remembered", async () => (await cache.get(key)) !== null);
  await chat.world.db.query("update chat_sessions set turns = 0 where session_id = 'old'");
  await chat.ask("o-2", { message: "Behind", session_id: "old" });
  expect(textOf(await chat.told("o-2"))).toBe("You said: Behind");
  expect(asked("Behind").map((history) => history.length)).toEqual([2, 0]);
});

test("a model that was asked for what nobody begins with is left", async () => {
  await claimRequest(chat.world.db, "theirs", "bob");
  await chat.world.db.transaction(async (tx) => {
    await tx.query("lock table answers in access exclusive mode");
    await chat.ask("theirs", { message: "Hang" });
    await until("the model was asked", () => asked("Hang").length === 1);
  });
  await model.left;
  expect(await chat.world.bus.lastMessage("AI_CHAT_STREAM", "ai.chat.response.stream.theirs")).toBeNull();
});
