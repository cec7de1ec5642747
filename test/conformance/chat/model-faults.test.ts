import type { RunningMesh } from "@gatehouse/runtime";
import { retryAnswer } from "@gatehouse/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";
import { hang, restOf, type Script, saidIn } from "./scripted-llm.fixture.ts";

const IMPATIENT = { GATEHOUSE_CHAT__MODEL_PATIENCE_S: "0" };

let chat: Chat;
let running: RunningMesh;
beforeAll(async () => {
  chat = await setupChat();
});
afterEach(() => running.stop());
afterAll(() => chat.stop());

async function runWith(script: Script, env: Record<string, string> = {}) {
  const model = await chat.scripted(script);
  running = await chat.run({ env: { GATEHOUSE_MODELS__LLM: model.setting, ...env } });
  return model;
}

test("a model that is down is told as an error, and the answer can be asked for again on the same stream", async () => {
  running = await chat.run({ env: IMPATIENT });
  await chat.modelAway();
  await chat.ask("down", { message: "The gate is open. Is the gate open?" });
  const parts = await chat.told("down");
  expect(parts).toMatchObject([{ seq: 0, type: "error", code: "LLM_DOWN", retryable: true, done: true }]);
  expect(await chat.ended("down")).toMatchObject({ state: "failed" });
  await chat.modelBack();
  expect(await chat.world.db.transaction((tx) => retryAnswer(tx, "down", "ada"))).toBe("retried");
  const all = await chat.told("down", { enough: ({ type }) => type === "done" });
  expect(all[1]).toMatchObject({ mode: "restarted" });
  expect(textOf(all)).toBe("The gate is open.");
  expect(await chat.ended("down")).toMatchObject({ state: "done", text: "The gate is open.", error: null });
  expect(await chat.world.db.transaction((tx) => retryAnswer(tx, "down", "ada"))).toBe("refused");
  expect(await chat.world.db.transaction((tx) => retryAnswer(tx, "down", "bob"))).toBe("unknown");
});

test("a model that is away for a moment is waited for", async () => {
  running = await chat.run();
  await chat.modelAway();
  await chat.ask("moment", { session_id: "moment" });
  const answered = chat.told("moment");
  await chat.ended("down");
  await chat.modelBack();
  expect(textOf(await answered)).toBe("The gate is open.");
});

test("a model that breaks off goes on from the words that were told", async () => {
  const text = "One two three four five";
  const heard = Promise.withResolvers<void>();
  const model = await runWith(async function* (messages, n) {
    for (const word of restOf(text, saidIn(messages))) {
      if (n === 0 && word === " four") {
        await heard.promise;
        throw new Error("broken");
      }
      yield word;
    }
  });
  await chat.ask("broken", { session_id: "broken" });
  await chat.told("broken", { enough: ({ content }) => content.endsWith("three") });
  heard.resolve();
  const parts = await chat.told("broken");
  expect(textOf(parts)).toBe(text);
  expect(parts.filter(({ type }) => type === "handover")).toMatchObject([{ mode: "continued" }]);
  expect(saidIn(model.asked[1]!)).toBe("One two three");
});

test.each([
  ["nothing", []],
  ["only blanks", [" ", "\n", "\u0000", "  "]],
])("a model that says %s is told as an error that may pass", async (what, words) => {
  await runWith(() => words);
  const request_id = what.replace(" ", "-");
  await chat.ask(request_id, { session_id: request_id });
  const error = { seq: 0, type: "error", code: "MODEL_SAID_NOTHING", retryable: true };
  expect(await chat.told(request_id)).toMatchObject([error]);
});

test("a model that never stops is cut at max_answer_tokens", async () => {
  await runWith(
    function* () {
      while (true) yield "la ";
    },
    { GATEHOUSE_CHAT__MAX_ANSWER_TOKENS: "50" },
  );
  await chat.ask("endless", { session_id: "endless" });
  const parts = await chat.told("endless");
  expect(textOf(parts)).toBe("la ".repeat(50));
  const usage = { completion_tokens: 50, estimated: true };
  expect(parts.at(-1)).toMatchObject({ type: "done", model: { name: "scripted" }, usage });
  expect(await chat.ended("endless")).toMatchObject({ model: { name: "scripted" }, usage });
});

test("an answer of long words that breaks off is not cut before max_answer_tokens", async () => {
  const text = Array.from({ length: 40 }, (_, n) => `extraordinarily-${n}`).join(" ");
  const model = await runWith(
    function* (messages, n) {
      let left = n === 0 ? 30 : 40;
      for (const word of restOf(text, saidIn(messages))) {
        if (left-- === 0) throw new Error("broken");
        yield word;
      }
    },
    { GATEHOUSE_CHAT__MAX_ANSWER_TOKENS: "50" },
  );
  await chat.ask("long-words", { session_id: "long-words" });
  expect(textOf(await chat.told("long-words"))).toBe(text);
  expect(model.asked).toHaveLength(2);
});

test("a model that hangs in the middle is cut after answer_timeout_s, and what there is is the answer", async () => {
  await runWith(
    async function* (_messages, _n, gone) {
      yield "Well";
      await hang(gone);
    },
    { GATEHOUSE_CHAT__ANSWER_TIMEOUT_S: "1" },
  );
  await chat.ask("hangs", { session_id: "hangs" });
  const parts = await chat.told("hangs");
  expect(textOf(parts)).toBe("Well");
  const usage = { completion_tokens: 1, estimated: true };
  expect(parts.at(-1)).toMatchObject({ type: "done", model: { name: "scripted" }, usage });
});

test("halves of a character that come apart are told together, and what no database takes is left out", async () => {
  await runWith(() => ["a\u0000b ", "\ud83d", "\ude42", "!"]);
  await chat.ask("halves", { session_id: "halves" });
  expect(textOf(await chat.told("halves"))).toBe("ab 🙂!");
  expect(await chat.ended("halves")).toMatchObject({ text: "ab 🙂!" });
});

test("an answer that cannot be ended is given up at the last try: its reader is told, and whoever waits behind it has a turn", async () => {
  const { db } = chat.world;
  await db.query(`create function refuse_doomed() returns trigger language plpgsql
    as $$ begin raise exception 'Cannot end %', new.request_id; end $$`);
  await db.query(`create trigger doomed before update on answers for each row
    when (new.state = 'done' and new.request_id = 'doomed') execute function refuse_doomed()`);
  await runWith(() => ["Well."]);
  await chat.ask("doomed", { session_id: "doomed" });
  const failed = (failures: number) => async () =>
    (await db.query("select 1 from due where key = 'ada.doomed' and failures = $1", [failures])).length > 0;
  await until("it failed once", failed(1));
  await db.query("update due set failures = 4, due_at_ms = 0 where key = 'ada.doomed'");
  expect((await chat.told("doomed")).at(-1)).toMatchObject({ type: "error", code: "ANSWER_FAILED", retryable: true });
  expect(await chat.ended("doomed")).toMatchObject({ state: "failed", error: { code: "ANSWER_FAILED" } });
  await chat.ask("behind", { session_id: "doomed" });
  expect((await chat.told("behind")).at(-1)).toMatchObject({ type: "done" });
});
