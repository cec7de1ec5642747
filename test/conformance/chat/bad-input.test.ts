import { encode } from "@gatehouse/events";
import { claimRequest } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../../harness/collect.ts";
import { type Chat, setupChat, textOf } from "./chat.fixture.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await setupChat();
  await chat.run();
});
afterAll(() => chat.stop());

const TOO_LONG = "x".repeat(32_001);

test.each([
  ["MESSAGE_EMPTY", { message: "" }],
  ["MESSAGE_EMPTY", { message: " \n\t " }],
  ["MESSAGE_TOO_LONG", { message: TOO_LONG }],
  ["BAD_TOP_K", { top_k: 0 }],
  ["BAD_TOP_K", { top_k: 101 }],
  ["UNKNOWN_COLLECTION", { enable_rag: true, collection: "nowhere" }],
])("%s is told on the stream and to whoever waits for the whole answer: %j", async (code, question) => {
  const request_id = `r-${Math.random().toString(36).slice(2)}`;
  const whole = new Promise<Uint8Array>((resolve) => {
    chat.world.bus.subscribe(`ai.chat.response.${request_id}`, ({ body }) => resolve(body.slice()));
  });
  await chat.ask(request_id, question);
  const [error, ...others] = await chat.told(request_id);
  expect(error).toMatchObject({ seq: 0, type: "error", done: true, code, retryable: false });
  expect(others).toEqual([]);
  expect(Buffer.from(await whole).toString("latin1")).toContain(code);
  const row = await chat.ended(request_id);
  expect(row).toMatchObject({ state: "failed", error: { code } });
  expect(row.request.message.length).toBeLessThanOrEqual(200);
});

test("32,000 characters are taken, counted as people count them", async () => {
  await chat.ask("r-long", { message: `${"🙂".repeat(31_999)}?`, session_id: "long" });
  expect((await chat.told("r-long")).at(-1)).toMatchObject({ type: "done" });
});

test("another user's session is refused, the user's own default session never", async () => {
  await chat.ask("s-1", { user_id: "bob", session_id: "kitchen" });
  await chat.ask("s-2", { user_id: "ada", session_id: "kitchen" });
  expect(await chat.told("s-2")).toMatchObject([{ type: "error", code: "SESSION_NOT_YOURS", retryable: false }]);
  await chat.ask("s-3", { user_id: "bob", session_id: "eve" });
  await chat.ask("s-4", { user_id: "eve" });
  expect((await chat.told("s-4")).at(-1)).toMatchObject({ type: "done" });
  await chat.told("s-1");
  await chat.told("s-3");
});

test("another user's request_id gives a dead letter, and nothing on its stream", async () => {
  await claimRequest(chat.world.db, "theirs", "bob");
  await chat.ask("theirs", { user_id: "ada" });
  const [dead] = await collect(chat.world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers).toMatchObject({ "Gatehouse-Code": "REQUEST_ID_TAKEN" });
  expect(await chat.world.bus.lastMessage("AI_CHAT_STREAM", "ai.chat.response.stream.theirs")).toBeNull();
  await chat.ask("theirs", { user_id: "bob", session_id: "his" });
  expect(textOf(await chat.told("theirs"))).toBe("The gate is open.");
});

test("what does not decode is a dead letter, and an error where it still names its answer", async () => {
  const { bus } = chat.world;
  const { last_seq } = await bus.stream("DEAD_LETTERS");
  await bus.publish("ai.chat.user.ada.message", encode({ request_id: "r-bad", message: 7 }));
  await bus.publish("ai.chat.user.ada.message", Buffer.from("neither"));
  await bus.publish("ai.chat.user.ada.message", encode({ request_id: "r-other", user_id: "bob", message: "Hi" }));
  expect(await chat.told("r-bad")).toMatchObject([{ seq: 0, type: "error", code: "SCHEMA_VIOLATION" }]);
  expect(await chat.told("r-other")).toMatchObject([{ seq: 0, type: "error", code: "ID_MISMATCH" }]);
  const dead = await collect(bus, "DEAD_LETTERS", 3, { from: { seq: last_seq + 1 } });
  expect(dead.map(({ headers }) => headers["Gatehouse-Code"])).toEqual([
    "SCHEMA_VIOLATION",
    "UNDECODABLE",
    "ID_MISMATCH",
  ]);
});

test("halves of characters, which no database takes, are replaced before a message is kept", async () => {
  const body = Buffer.from('{"request_id":"r-half","message":"Is the gate \\ud83d open?","session_id":"half"}');
  await chat.world.bus.publish("ai.chat.user.ada.message", body);
  await chat.told("r-half");
  expect((await chat.ended("r-half")).request.message).toBe("Is the gate \ufffd open?");
});

test("a collection whose name no database takes is one that there is not", async () => {
  const body = '{"request_id":"r-odd","message":"Hi","session_id":"odd","enable_rag":true,"collection":"\\ud800"}';
  await chat.world.bus.publish("ai.chat.user.ada.message", Buffer.from(body));
  expect(await chat.told("r-odd")).toMatchObject([{ seq: 0, type: "error", code: "UNKNOWN_COLLECTION" }]);
  expect(await chat.ended("r-odd")).toMatchObject({ request: { collection: "\ufffd" } });
});
