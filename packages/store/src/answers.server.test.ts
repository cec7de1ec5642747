import { chatMessage } from "@gatehouse/events";
import { expect, test } from "vitest";
import { answerDueKey, cancelAnswer, findAnswer, retryAnswer } from "./answers.ts";
import { listChatMessages } from "./chat-messages.ts";
import { listChatSessions } from "./chat-sessions.ts";
import { type AnswerEnd, endAnswer, markAnswerTold, saveAnswer, untoldAnswers } from "./end-answer.ts";
import type { Database, Queryable } from "./queryable.ts";
import { readConversation, takeAnswer } from "./take-answer.ts";
import { takeInMessage } from "./take-in-message.ts";
import { useDatabases } from "./test-database.ts";

const databases = useDatabases();
const NOT_YOURS = { code: "SESSION_NOT_YOURS", message: "", retryable: false };
const DOWN = { code: "LLM_DOWN", message: "down", retryable: true };
const EMPTY = { code: "MESSAGE_EMPTY", message: "", retryable: false };
const ADA = { user_id: "ada", session_id: "ada", characters: 1_000 };

interface Asked {
  user_id?: string;
  session_id?: string;
  refused?: typeof EMPTY;
  lease_ms?: number;
}

async function setup() {
  const { db } = await databases.setup();
  const takeIn = (request_id: string, { user_id = "ada", session_id = user_id, refused, lease_ms }: Asked = {}) => {
    const message = { ...chatMessage.example, request_id, user_id, session_id, message: `asked ${request_id}` };
    const lease = lease_ms === undefined ? {} : { lease_ms };
    return takeInMessage(db, { message, refused: refused ?? null, not_yours: NOT_YOURS, trace: {}, ...lease });
  };
  const take = (known_turns: number | null = null) => takeAnswer(db, { ...ADA, known_turns });
  const due = () => db.query("select kind, key, lease_token is not null as held from due order by kind, key");
  return { db, takeIn, take, due };
}

const ended = (own: Partial<AnswerEnd> = {}): AnswerEnd => ({
  state: "done",
  text: "said",
  next_seq: 1,
  sources: null,
  model: null,
  usage: null,
  timings: null,
  error: null,
  ...own,
});

/** Answers what the session has to do first. */
async function answerNext(db: Database, end: Partial<AnswerEnd> = {}): Promise<string> {
  const { answer } = (await takeAnswer(db, { ...ADA, known_turns: null }))!;
  await endAnswer(db, answer, ended({ text: `said ${answer.request_id}`, ...end }));
  await markAnswerTold(db, { ...answer });
  return answer.request_id;
}

test("takeInMessage() writes a message down and begins with it where the session has nothing else to do", async () => {
  const { db, takeIn, due } = await setup();
  const begun = await takeIn("r-1", { lease_ms: 5_000 });
  expect(begun).toMatchObject({ became: "begun", turns: 0, due: { kind: "answer", key: "ada.ada", crashes: 0 } });
  expect(await takeIn("r-2", { lease_ms: 5_000 })).toEqual({ became: "waiting" });
  expect(await findAnswer(db, "r-1")).toMatchObject({ state: "running", epoch: 1, takeovers: 0 });
  expect(await findAnswer(db, "r-2")).toMatchObject({ state: "waiting", epoch: 0, started_at_ms: null });
  expect(await due()).toEqual([{ kind: "answer", key: "ada.ada", held: true }]);
  const { items } = await listChatMessages(db, { ...ADA, limit: 10 });
  expect(items.map(({ role, content }) => [role, content])).toEqual([
    ["user", "asked r-2"],
    ["user", "asked r-1"],
  ]);
});

test("takeInMessage() changes nothing when it is repeated, and writes nothing for a request_id of another user", async () => {
  const { db, takeIn } = await setup();
  await takeIn("r-1");
  expect(await takeIn("r-1", { session_id: "other" })).toEqual({ became: "known" });
  expect(await takeIn("r-1", { user_id: "bob" })).toEqual({ became: "theirs" });
  expect(await db.query("select user_id, session_id from answers")).toEqual([{ user_id: "ada", session_id: "ada" }]);
  expect((await listChatSessions(db, { user_id: "bob", limit: 10 })).items).toEqual([]);
});

test("takeInMessage() makes telling a refusal due, which is no part of a conversation", async () => {
  const { db, takeIn, due } = await setup();
  await takeIn("r-1", { session_id: "kitchen" });
  expect(await takeIn("r-2", { refused: EMPTY, lease_ms: 1 })).toEqual({ became: "refused" });
  expect(await takeIn("r-3", { user_id: "bob", session_id: "kitchen", lease_ms: 1 })).toEqual({ became: "refused" });
  expect(await findAnswer(db, "r-3")).toMatchObject({ state: "failed", error: NOT_YOURS });
  expect(await takeIn("r-4", { user_id: "kitchen" })).toEqual({ became: "waiting" });
  expect(await due()).toEqual([
    { kind: "answer", key: "ada.kitchen", held: false },
    { kind: "answer", key: "kitchen.kitchen", held: false },
    { kind: "tell", key: "r-2", held: false },
    { kind: "tell", key: "r-3", held: false },
  ]);
  expect(await db.query("select 1 from chat_messages where user_id = 'bob'")).toEqual([]);
});

test("takeAnswer() takes a session's answers in order, each until it was told how it ended", async () => {
  const { db, takeIn, take } = await setup();
  for (const id of ["r-1", "r-2"]) await takeIn(id);
  expect(await take()).toMatchObject({ answer: { request_id: "r-1", state: "running", epoch: 1, takeovers: 0 } });
  const again = (await take())!.answer;
  expect(again).toMatchObject({ request_id: "r-1", state: "running", epoch: 2, takeovers: 1 });
  await endAnswer(db, again, ended());
  expect(await take()).toMatchObject({ answer: { request_id: "r-1", state: "done", epoch: 3 } });
  await markAnswerTold(db, again);
  expect(await take()).toMatchObject({ answer: { request_id: "r-1" } });
  await markAnswerTold(db, { request_id: "r-1", epoch: 4 });
  expect(await take()).toMatchObject({ answer: { request_id: "r-2" } });
});

test("takeAnswer() goes on with what was begun before it begins with an older one that was put back", async () => {
  const { db, takeIn, take } = await setup();
  for (const id of ["r-1", "r-2"]) await takeIn(id);
  await answerNext(db, { state: "failed", error: DOWN });
  expect(await take()).toMatchObject({ answer: { request_id: "r-2", epoch: 1 } });
  await db.transaction((tx) => retryAnswer(tx, "r-1", "ada"));
  expect(await take()).toMatchObject({ answer: { request_id: "r-2", epoch: 2 } });
});

test("whoever had an answer before writes nothing any more", async () => {
  const { db, takeIn, take } = await setup();
  await takeIn("r-1");
  const old = (await take())!.answer;
  const now = (await take())!.answer;
  expect(await saveAnswer(db, old, { text: "old", next_seq: 9, sources: null })).toBe("taken");
  expect(await endAnswer(db, old, ended({ text: "old" }))).toBe("taken");
  expect(await saveAnswer(db, now, { text: "now", next_seq: 1, sources: null })).toBe("kept");
  expect(await endAnswer(db, now, ended({ text: "now" }), { followed_by: "index" })).toEqual({
    turns: 1,
    is_released: false,
  });
  expect(await endAnswer(db, now, ended({ text: "twice" }))).toBe("taken");
  expect(await findAnswer(db, "r-1")).toMatchObject({ text: "now", state: "done" });
  expect(await db.query("select key from due where kind = 'index'")).toEqual([{ key: "r-1" }]);
});

test("endAnswer() removes the session's due row only if it holds it as it was, and the session has nothing else to do", async () => {
  const { db, takeIn, due } = await setup();
  const begin = async (request_id: string) => {
    const begun = await takeIn(request_id, { lease_ms: 5_000 });
    if (begun.became !== "begun") throw new Error(`It must be begun: it is ${begun.became}`);
    return begun;
  };
  const first = await begin("r-1");
  expect(await endAnswer(db, first.answer, ended(), { due: first.due })).toEqual({ turns: 1, is_released: true });
  expect(await due()).toEqual([]);
  const second = await begin("r-2");
  expect(await takeIn("r-3", { lease_ms: 5_000 })).toEqual({ became: "waiting" });
  expect(await endAnswer(db, second.answer, ended(), { due: second.due })).toMatchObject({ is_released: false });
  expect(await due()).toEqual([{ kind: "answer", key: "ada.ada", held: true }]);
});

test("untoldAnswers() gives what ended and was not told, oldest first", async () => {
  const { db, takeIn, take } = await setup();
  for (const id of ["r-1", "r-2"]) await takeIn(id);
  const { answer } = (await take())!;
  const untold = async (before_ms: number) =>
    (await untoldAnswers(db, before_ms, 10)).map(({ request_id }) => request_id);
  expect(await untold(Date.now() + 60_000)).toEqual([]);
  await endAnswer(db, answer, ended());
  expect(await untold(Date.now() - 60_000)).toEqual([]);
  expect(await untold(Date.now() + 60_000)).toEqual(["r-1"]);
  await markAnswerTold(db, answer);
  expect(await untold(Date.now() + 60_000)).toEqual([]);
});

test("saveAnswer() forgets take-overs when there are new words, and only then", async () => {
  const { db, takeIn, take } = await setup();
  await takeIn("r-1");
  await take();
  const { answer } = (await take())!;
  await saveAnswer(db, answer, { text: "", next_seq: 4, sources: null });
  expect(await findAnswer(db, "r-1")).toMatchObject({ takeovers: 1, next_seq: 4 });
  await saveAnswer(db, answer, { text: "word", next_seq: 5, sources: null });
  expect(await findAnswer(db, "r-1")).toMatchObject({ takeovers: 0 });
});

test("the conversation before is what was answered, newest first within the budget, or left out where it is known", async () => {
  const { db, takeIn, take } = await setup();
  const ids = ["r-1", "r-2", "r-3", "r-4"];
  for (const id of ids) await takeIn(id);
  await answerNext(db);
  await answerNext(db, { state: "failed", error: DOWN });
  await answerNext(db, { state: "cancelled", text: "" });
  await takeIn("r-5");
  const turns = [{ asked: "asked r-1", answered: "said r-1" }];
  expect(await take()).toMatchObject({ turns: 1, history: turns, answer: { request_id: "r-4" } });
  expect(await take(1)).toMatchObject({ turns: 1, history: null });
  await answerNext(db);
  const newest = { asked: "asked r-4", answered: "said r-4" };
  const now = { turns: 2, is_busy: true };
  expect(await readConversation(db, ADA)).toEqual({ ...now, history: [...turns, newest] });
  expect(await readConversation(db, { ...ADA, characters: 20 })).toEqual({ ...now, history: [newest] });
  expect(await readConversation(db, { ...ADA, characters: 3 })).toEqual({ ...now, history: [] });
  expect(await readConversation(db, { ...ADA, session_id: "none" })).toEqual({ turns: 0, history: [], is_busy: false });
});

test("retryAnswer() puts back what failed and may pass, of its user, once", async () => {
  const { db, takeIn, take, due } = await setup();
  await takeIn("r-1");
  const retry = (user_id: string) => db.transaction((tx) => retryAnswer(tx, "r-1", user_id));
  expect(await retry("ada")).toBe("refused");
  await answerNext(db, { state: "failed", error: DOWN, next_seq: 3 });
  await db.query("delete from due");
  expect(await retry("bob")).toBe("unknown");
  expect(await retry("ada")).toBe("retried");
  expect(await retry("ada")).toBe("refused");
  expect(await due()).toEqual([{ kind: "answer", key: answerDueKey("ada", "ada"), held: false }]);
  expect(await take()).toMatchObject({
    answer: { state: "running", text: "", next_seq: 4, error: null, takeovers: 0 },
  });
  await endAnswer(db, (await take())!.answer, ended({ state: "failed", error: EMPTY }));
  expect(await retry("ada")).toBe("refused");
});

test("cancelAnswer() ends what waits, marks what runs, leaves what ended, and knows only the user's own", async () => {
  const { db, takeIn, take, due } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await takeIn(id);
  await answerNext(db);
  const held = (await take())!.answer;
  await db.query("delete from due");
  const error = { code: "CANCELLED", message: "", retryable: false };
  const cancel = (request_id: string, user_id = "ada") =>
    db.transaction((tx: Queryable) => cancelAnswer(tx, { request_id, user_id, error }));
  expect(await cancel("r-1")).toBe("ended");
  expect(await cancel("r-2")).toBe("running");
  expect(await cancel("r-2", "bob")).toBe("unknown");
  expect(await cancel("r-3")).toBe("waiting");
  expect(await cancel("r-9")).toBe("unknown");
  expect(await saveAnswer(db, held, { text: "", next_seq: 0, sources: null })).toBe("cancelled");
  expect(await findAnswer(db, "r-3")).toMatchObject({ state: "cancelled", error });
  expect(await due()).toEqual([{ kind: "tell", key: "r-3", held: false }]);
});

test("listChatMessages() and listChatSessions() give pages, newest first", async () => {
  const { db, takeIn } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await takeIn(id, { session_id: id });
  const first = await listChatSessions(db, { user_id: "ada", limit: 2 });
  const rest = await listChatSessions(db, { user_id: "ada", limit: 2, cursor: first.next_cursor });
  expect([...first.items, ...rest.items].map(({ session_id }) => session_id)).toEqual(["r-3", "r-2", "r-1"]);
  expect(rest.next_cursor).toBeNull();
  for (const id of ["m-1", "m-2"]) await takeIn(id);
  const page = await listChatMessages(db, { ...ADA, limit: 1 });
  const next = await listChatMessages(db, { ...ADA, limit: 1, cursor: page.next_cursor });
  expect([...page.items, ...next.items].map(({ request_id }) => request_id)).toEqual(["m-2", "m-1"]);
  expect(next.next_cursor).toBeNull();
});
