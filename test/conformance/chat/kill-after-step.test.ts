import { afterAll, beforeAll, expect, test } from "vitest";
import { leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";
import { hang, restOf, saidIn } from "./scripted-llm.fixture.ts";

const STEPS = [
  "read",
  "check",
  "intake",
  "window",
  "take",
  "begin",
  "sources",
  "first",
  "persist",
  "publish",
  "whole",
  "mark",
];
const TEXT = "One two three four five six";

let chat: Chat;
let env: Record<string, string>;
let made = 0;
beforeAll(async () => {
  chat = await setupChat();
  const hung = new Set<string>();
  const { setting } = await chat.scripted(async function* (messages, _n, gone) {
    const said = saidIn(messages);
    const question = messages.at(said === null ? -1 : -2)!.content;
    for (const word of restOf(TEXT, said)) {
      const hangs = question.startsWith("Hang") && word === " four" && !hung.has(question);
      if (hangs) hung.add(question);
      if (hangs) await hang(gone);
      yield word;
    }
  });
  env = { GATEHOUSE_MODELS__LLM: setting };
});
afterAll(() => chat.stop());

/** Has a handler die after a step of answering, and another one go on. */
async function answeredAfterDeath(step: string, message: string) {
  const doomed = runDoomed(chat.world, { service: "chat-handler", step, declared: chat.declared, env });
  const request_id = `r-${made++}`;
  await chat.ask(request_id, { message, session_id: request_id });
  await doomed;
  await leasesRunOut(chat.world);
  const heir = await chat.run({ env });
  const parts = await chat.told(request_id);
  const row = await chat.ended(request_id);
  await heir.stop();
  const said = await chat.world.db.query<{ role: string; content: string }>(
    "select role, content from chat_messages where request_id = $1 order by message_id",
    [request_id],
  );
  expect(said).toEqual([
    { role: "user", content: message },
    { role: "assistant", content: TEXT },
  ]);
  expect(await chat.world.db.query("select turns from chat_sessions where session_id = $1", [request_id])).toEqual([
    { turns: 1 },
  ]);
  return { parts, row };
}

test.each(STEPS)("an answer is told whole, and kept once, when its handler dies after %s", async (step) => {
  const { parts, row } = await answeredAfterDeath(step, `Go on after ${step}`);
  expect(textOf(parts)).toBe(TEXT);
  expect(parts.filter(({ done }) => done)).toMatchObject([{ type: "done" }]);
  expect(row).toMatchObject({ state: "done", text: TEXT });
});

test.each(["first", "save"])(
  "the next handler goes on from the words that were told when one dies after %s in the middle",
  async (step) => {
    const { parts } = await answeredAfterDeath(step, `Hang before ${step}`);
    expect(textOf(parts)).toBe(TEXT);
    expect(parts.filter(({ type }) => type === "handover")).toMatchObject([{ mode: "continued" }]);
  },
);
