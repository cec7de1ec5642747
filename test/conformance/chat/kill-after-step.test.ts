import { chatMessage } from "@gatehouse/events";
import { takeInMessage } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { type Chat, type Question, setupChat, textOf } from "./chat.fixture.ts";
import { hang, restOf, saidIn } from "./scripted-llm.fixture.ts";

const STEPS = ["read", "check", "intake", "begin", "sources", "first", "persist", "publish", "whole", "mark"];
/** Of a session that is found due, as after a restart. */
const STEPS_OF_FOUND = ["window", "take", "first"];
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
async function answeredAfterDeath(step: string, message: string, asked = chat.ask) {
  const request_id = `r-${made++}`;
  await asked(request_id, { message, session_id: request_id });
  await runDoomed(chat.world, { service: "chat-handler", step, declared: chat.declared, env });
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

/** A message is written down, and nobody begins with its answer. */
async function writeDown(request_id: string, { message, session_id }: Question): Promise<string> {
  const question = {
    ...chatMessage.example,
    enable_rag: false,
    request_id,
    message: message!,
    session_id: String(session_id),
  };
  const not_yours = { code: "SESSION_NOT_YOURS", message: "", retryable: false };
  await takeInMessage(chat.world.db, { message: question, refused: null, not_yours, trace: {} });
  return request_id;
}

test.each(STEPS)("an answer is told whole, and kept once, when its handler dies after %s", async (step) => {
  const { parts, row } = await answeredAfterDeath(step, `Go on after ${step}`);
  expect(textOf(parts)).toBe(TEXT);
  expect(parts.filter(({ done }) => done)).toMatchObject([{ type: "done" }]);
  expect(row).toMatchObject({ state: "done", text: TEXT });
});

test.each(STEPS_OF_FOUND)("an answer that was found due is told whole when its handler dies after %s", async (step) => {
  const { parts } = await answeredAfterDeath(step, `Found, then ${step}`, writeDown);
  expect(textOf(parts)).toBe(TEXT);
});

test.each(["first", "save"])(
  "the next handler goes on from the words that were told when one dies after %s in the middle",
  async (step) => {
    const { parts } = await answeredAfterDeath(step, `Hang before ${step}`);
    expect(textOf(parts)).toBe(TEXT);
    expect(parts.filter(({ type }) => type === "handover")).toMatchObject([{ mode: "continued" }]);
  },
);
