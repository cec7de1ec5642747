import { chatMessage, decodeBody } from "@gatehouse/events";
import { endAnswer, markAnswerTold, takeAnswer, takeInMessage } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askerOf } from "../testing/ask.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

type Ask = ReturnType<typeof askerOf>;
let ground: Ground;
let gateway: TestGateway;
let ada: Ask;
let bob: Ask;
let admin: Ask;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  const keys = [{ user_id: "ada" }, { user_id: "bob" }, { role: "admin" as const }];
  const made = await Promise.all(keys.map((key) => ground.key({ role: "viewer", ...key })));
  [ada, bob, admin] = made.map(({ secret }) => askerOf(gateway, secret)) as [Ask, Ask, Ask];
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const say = (ask: Ask, body: object) => ask("/api/chat/messages", { method: "POST", body });

/** Takes a message in and ends its answer, as chat-handler does. */
async function answered(
  request_id: string,
  session_id: string,
  error: { code: string; retryable: boolean } | null = null,
) {
  const message = { ...chatMessage.example, request_id, session_id, user_id: "ada" };
  const not_yours = { code: "SESSION_NOT_YOURS", message: "", retryable: false };
  await takeInMessage(ground.db, { message, refused: null, not_yours, trace: {} });
  const taken = await takeAnswer(ground.db, { user_id: "ada", session_id, known_turns: null, characters: 1_000 });
  const rest = { next_seq: 2, sources: null, usage: null, timings: null, model: null };
  const state = error ? "failed" : "done";
  const told = error && { ...error, message: "The model is away" };
  await endAnswer(ground.db, taken!.answer, { ...rest, state, text: "Two men", error: told });
  await markAnswerTold(ground.db, taken!.answer);
}

test("a message is published as its user's, once however often it is sent under one request_id", async () => {
  const first = await say(ada, { message: "Who is there?", request_id: "r-1", enable_rag: true, reply_to: "_INBOX.x" });
  expect(first).toMatchObject({ status: 202, body: { request_id: "r-1", session_id: "ada", duplicate: false } });
  expect((await say(ada, { message: "Who is there?", request_id: "r-1" })).body).toEqual({
    ...first.body,
    duplicate: true,
  });
  const kept = await ground.bus.message("COMPANIONS_CHAT", first.body.seq);
  expect(kept).toMatchObject({ subject: "ai.chat.user.ada.message", msg_id: "ada.r-1" });
  const { fields } = decodeBody(kept!.body);
  expect(fields).toMatchObject({
    request_id: "r-1",
    user_id: "ada",
    message: "Who is there?",
    enable_rag: true,
    top_k: 5,
  });
  expect(fields).not.toHaveProperty("reply_to");
});

test("without ids a message gets a request of its own in the session of its user; a key of nobody has its own name", async () => {
  const { body } = await say(ada, { message: "Hello" });
  expect(body).toMatchObject({ request_id: expect.stringMatching(/^r-[\w-]{36}$/), session_id: "ada" });
  expect((await say(admin, { message: "Hello", session_id: "night" })).body.session_id).toBe("night");
  const { key, secret } = await ground.key({ role: "viewer" });
  const { body: nobody } = await say(askerOf(gateway, secret), { message: "Hello" });
  expect(nobody.session_id).toBe(key.key_id);
  expect((await ground.bus.message("COMPANIONS_CHAT", nobody.seq))?.subject).toBe(`ai.chat.user.${key.key_id}.message`);
});

test.each<[string, object, number, string]>([
  ["no message", {}, 400, "PAYLOAD_INVALID"],
  ["a message that is none", { message: 7 }, 400, "PAYLOAD_INVALID"],
  ["an id with a dot", { message: "Hi", request_id: "a.b" }, 400, "PAYLOAD_INVALID"],
  ["another user's name", { message: "Hi", request_id: "r-1" }, 409, "REQUEST_ID_TAKEN"],
  ["33 MB", { message: "x".repeat(33_000_000) }, 413, "BODY_TOO_LARGE"],
])("a message with %s is refused", async (_what, body, status, code) => {
  expect(await say(bob, body)).toMatchObject({ status, body: { error: { code, retryable: false } } });
});

test("an answer is shown to who asked and to admins, with its sources and why it is not whole", async () => {
  await answered("r-done", "s-done");
  expect(await ada("/api/chat/answers/r-done")).toMatchObject({
    status: 200,
    body: { request_id: "r-done", session_id: "s-done", state: "done", response: "Two men", sources: [], error: null },
  });
  expect((await admin("/api/chat/answers/r-done")).status).toBe(200);
  expect((await bob("/api/chat/answers/r-done")).body.error.code).toBe("NOT_FOUND");
  expect((await ada("/api/chat/answers/none")).status).toBe(404);
});

test("a failed answer is given anew when that can help, and only for who asked", async () => {
  const retry = (ask: Ask, id: string) => ask(`/api/chat/answers/${id}/retry`, { method: "POST" });
  await answered("r-later", "s-later", { code: "LLM_DOWN", retryable: true });
  await answered("r-never", "s-never", { code: "CANCELLED", retryable: false });
  expect((await bob("/api/chat/answers/r-later/retry", { method: "POST" })).status).toBe(404);
  expect(await retry(ada, "r-later")).toMatchObject({ status: 202, body: { request_id: "r-later" } });
  expect((await ada("/api/chat/answers/r-later")).body).toMatchObject({ state: "waiting", error: null });
  for (const id of ["r-later", "r-never", "r-done"])
    expect(await retry(ada, id)).toMatchObject({ status: 409, body: { error: { code: "NOT_RETRYABLE" } } });
});

test("a cancel is published for who asked, also before the message was taken in", async () => {
  const cancel = (ask: Ask, id: string) => ask(`/api/chat/answers/${id}/cancel`, { method: "POST" });
  await say(ada, { message: "Never mind", request_id: "r-cancel" });
  expect((await cancel(bob, "r-cancel")).status).toBe(404);
  expect((await cancel(ada, "none")).status).toBe(404);
  expect((await cancel(ada, "r-cancel")).status).toBe(202);
  expect((await cancel(admin, "r-cancel")).status).toBe(202);
  const { last_seq } = await ground.bus.stream("COMPANIONS_CHAT");
  const told = await Promise.all([last_seq - 1, last_seq].map((seq) => ground.bus.message("COMPANIONS_CHAT", seq)));
  for (const message of told) {
    expect(message?.subject).toBe("ai.chat.user.ada.cancel");
    expect(decodeBody(message!.body).fields).toEqual({ request_id: "r-cancel", user_id: "ada" });
  }
});

test("sessions and what was said in them are listed page by page, to their user alone", async () => {
  await answered("r-a", "s-a");
  await answered("r-b", "s-a");
  const { body: page } = await ada("/api/chat/sessions?limit=1");
  expect(page).toMatchObject({ items: [{ session_id: "s-a", turns: 2 }], next_cursor: expect.any(String) });
  const { body: more } = await ada(`/api/chat/sessions?cursor=${page.next_cursor}`);
  expect(more.items.map((one: { session_id: string }) => one.session_id)).toContain("s-done");
  const said = await ada("/api/chat/sessions/s-a/messages?limit=3");
  expect(said.body.items.map((one: Record<string, string>) => [one.request_id, one.role])).toEqual([
    ["r-b", "assistant"],
    ["r-b", "user"],
    ["r-a", "assistant"],
  ]);
  expect((await ada(`/api/chat/sessions/s-a/messages?cursor=${said.body.next_cursor}`)).body.items).toHaveLength(1);
  expect((await bob("/api/chat/sessions")).body.items).toEqual([]);
  expect((await bob("/api/chat/sessions/s-a/messages")).status).toBe(404);
});

test("messages count as questions to a model, reading answers does not", async () => {
  const env = { ...NO_LIMITS, GATEHOUSE_LIMITS__AI_PER_MIN: "2", GATEHOUSE_LIMITS__AI_BURST: "1" };
  const strict = await startGateway(ground, env);
  const ask = askerOf(strict, (await ground.key({ role: "viewer", user_id: "eve" })).secret);
  const answers = [];
  for (let n = 0; n < 4; n++) answers.push(await say(ask, { message: "Hello" }));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
  expect((await ask("/api/chat/sessions")).status).toBe(200);
  await strict.stop();
});
