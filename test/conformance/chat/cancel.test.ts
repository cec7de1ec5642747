import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";
import { hang, type ScriptedLlm } from "./scripted-llm.fixture.ts";

let chat: Chat;
let model: ScriptedLlm;
beforeAll(async () => {
  chat = await setupChat();
  model = await chat.scripted(async function* (messages, _n, gone) {
    yield "Begun";
    if (messages.at(-1)!.content === "Hang") await hang(gone);
  });
  await chat.run({ env: { GATEHOUSE_MODELS__LLM: model.setting } });
});
afterAll(() => chat.stop());

const begun = (request_id: string) => chat.told(request_id, { enough: ({ type }) => type === "chunk" });
const CANCELLED = { type: "error", done: true, code: "CANCELLED", retryable: false };

test("a cancelled answer ends where it is, the model is left, and the text so far stays in the conversation", async () => {
  await chat.ask("while", { message: "Hang" });
  await begun("while");
  await chat.cancel("while");
  await model.left;
  const parts = await chat.told("while");
  expect(textOf(parts)).toBe("Begun");
  expect(parts.at(-1)).toMatchObject(CANCELLED);
  expect(await chat.ended("while")).toMatchObject({ state: "cancelled", text: "Begun" });
  expect(await chat.world.db.query("select content from chat_messages where request_id = 'while' order by 1")).toEqual([
    { content: "Begun" },
    { content: "Hang" },
  ]);
});

test("one that waits behind another is cancelled at once, and never asked of the model", async () => {
  await chat.ask("first", { message: "Hang", session_id: "queue" });
  await begun("first");
  await chat.ask("second", { message: "Waits", session_id: "queue" });
  await until(
    "it was taken in",
    async () => (await chat.world.db.query("select 1 from answers where request_id = 'second'")).length > 0,
  );
  await chat.cancel("second");
  expect(await chat.told("second")).toMatchObject([{ seq: 0, ...CANCELLED }]);
  await chat.cancel("first");
  await chat.ended("first");
  expect(model.asked.filter((messages) => messages.at(-1)!.content === "Waits")).toEqual([]);
});

test("a cancel that overtakes its message ends its answer", async () => {
  await chat.cancel("early");
  await chat.ask("early", { message: "Hang", session_id: "early" });
  expect((await chat.told("early")).at(-1)).toMatchObject(CANCELLED);
});

test("a cancel after the end changes nothing", async () => {
  await chat.ask("after", { message: "Quick", session_id: "after" });
  const before = await chat.told("after");
  await chat.cancel("after");
  const settled = async () => {
    const consumers = await chat.world.bus.consumers("COMPANIONS_CHAT");
    return consumers.every(({ pending, ack_pending }) => pending + ack_pending === 0);
  };
  await until("the cancel was taken", settled);
  expect(await chat.told("after")).toHaveLength(before.length);
  expect(await chat.ended("after")).toMatchObject({ state: "done", cancelled_at_ms: null });
});

test("another user's cancel changes nothing, and an unknown request is told so", async () => {
  await chat.ask("hers", { message: "Hang", session_id: "hers" });
  await begun("hers");
  await chat.cancel("hers", "bob");
  await chat.cancel("nobody's", "bob");
  await chat.cancel("nobodys", "bob");
  expect(await chat.told("nobodys")).toMatchObject([
    { seq: 0, type: "error", code: "UNKNOWN_REQUEST", retryable: false },
  ]);
  expect(await chat.world.db.query("select state, cancelled_at_ms from answers where request_id = 'hers'")).toEqual([
    { state: "running", cancelled_at_ms: null },
  ]);
  await chat.cancel("hers");
  expect((await chat.told("hers")).at(-1)).toMatchObject(CANCELLED);
});

test("a cancel that nobody knew is kept for its message: however late that comes, nobody hears what a model says to it", async () => {
  await chat.cancel("late");
  expect(await chat.told("late")).toMatchObject([{ type: "error", code: "UNKNOWN_REQUEST" }]);
  await chat.ask("late", { message: "Never wanted", session_id: "late" });
  const parts = await chat.told("late", { enough: ({ code }) => code === "CANCELLED" });
  expect(parts).toMatchObject([{ seq: 0 }, { seq: 1, ...CANCELLED }]);
  expect(await chat.ended("late")).toMatchObject({ state: "cancelled", text: "", error: { code: "CANCELLED" } });
  await chat.ask("next", { message: "Quick", session_id: "late" });
  expect(textOf(await chat.told("next"))).toBe("Begun");
});
