import { chatMessage } from "@gatehouse/events";
import { takeInMessage } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Chat, setupChat, type ToldPart, textOf } from "./chat.fixture.ts";
import type { ScriptedLlm } from "./scripted-llm.fixture.ts";

const SESSIONS = ["a", "b", "c", "d"];
const TURNS = [1, 2, 3, 4, 5];

let chat: Chat;
let model: ScriptedLlm;
beforeAll(async () => {
  chat = await setupChat();
  model = await chat.scripted((messages) => ["Answer ", "to ", messages.at(-1)!.content]);
});
afterAll(() => chat.stop());
const env = () => ({ GATEHOUSE_MODELS__LLM: model.setting });

test("turns of one session are answered in order, each with those before it, by two handlers at once", async () => {
  const running = await Promise.all([chat.run({ env: env() }), chat.run({ env: env() })]);
  for (const turn of TURNS)
    for (const session of SESSIONS)
      await chat.ask(`${session}-${turn}`, { session_id: session, message: `${session}${turn}` });
  for (const session of SESSIONS) {
    const told: ToldPart[][] = [];
    for (const turn of TURNS) told.push(await chat.told(`${session}-${turn}`));
    expect(told.map(textOf)).toEqual(TURNS.map((turn) => `Answer to ${session}${turn}`));
    const places = told.flatMap((parts) => parts.map(({ stored }) => stored.seq));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    const last = model.asked.find((messages) => messages.at(-1)!.content === `${session}5`)!;
    expect(last.filter(({ role }) => role === "user").map(({ content }) => content)).toEqual(
      TURNS.map((turn) => `${session}${turn}`),
    );
  }
  expect(model.asked).toHaveLength(SESSIONS.length * TURNS.length);
  await Promise.all(running.map((mesh) => mesh.stop()));
});

test("only the newest turns that have room are told to the model", async () => {
  const running = await chat.run({ env: { ...env(), GATEHOUSE_CHAT__WINDOW_TOKENS: "20" } });
  for (const message of ["x".repeat(30), "short one", "short two"]) {
    const request_id = `room-${message.length}-${message.slice(-3)}`;
    await chat.ask(request_id, { session_id: "room", message });
    await chat.ended(request_id);
  }
  const last = model.asked
    .at(-1)!
    .filter(({ role }) => role === "user")
    .map(({ content }) => content);
  expect(last).toEqual(["short one", "short two"]);
  await running.stop();
});

test("an answer that was taken over again and again without a new word ends as ANSWER_FAILED", async () => {
  const { db } = chat.world;
  const message = { ...chatMessage.example, request_id: "cursed", session_id: "cursed" };
  const not_yours = { code: "SESSION_NOT_YOURS", message: "", retryable: false };
  await takeInMessage(db, { message, refused: null, not_yours, trace: {} });
  await db.query("update answers set state = 'running', epoch = 6, takeovers = 5 where request_id = 'cursed'");
  await chat.run({ env: env() });
  expect(await chat.told("cursed")).toMatchObject([{ seq: 0, type: "error", code: "ANSWER_FAILED", retryable: true }]);
});
