import { expect, onTestFinished, test } from "vitest";
import { TestGateway } from "../gateway/gateway.testing.ts";
import { GatewayLine } from "../gateway/line.ts";
import { Answer, type Change } from "./answer.ts";
import { askQuestion, retryAnswer } from "./ask.ts";

const request_id = "r-1";
const question = { request_id, message: "Who came?", enable_rag: true, enable_reranker: true };
const chunk = (content: string) => ({ type: "chunk", content });
const done = { type: "done", done: true };
const gone = { type: "error", code: "MODEL_DOWN", message: "No model", retryable: true };

async function setup({ patience_ms = 20_000 } = {}) {
  const gateway = await TestGateway.start();
  const states: string[] = [];
  const line = new GatewayLine(gateway.access, { patience_ms, onState: (state) => states.push(state) });
  onTestFinished(() => line.close());
  const cancelling = new AbortController();
  const answer = new Answer(request_id, { from_seq: 0 });
  const talk = { user_id: "ada", access: gateway.access, line };
  const asking = { answer, signal: cancelling.signal };
  return { gateway, states, talk, asking, answer, cancelling };
}

/** The next change. */
async function next(changes: AsyncGenerator<Change>): Promise<Change> {
  const { value, done } = await changes.next();
  expect(done).toBe(false);
  return value;
}

/** What a client sends next on a subject. */
async function sent(gateway: TestGateway, op: string, subject: string) {
  for (;;) {
    const one = await gateway.sent.take();
    if (one.op === op && one.subject === subject) return one;
  }
}
const stream = `ai.chat.response.stream.${request_id}`;

test("askQuestion() follows the answer before it asks, and gives every word as it comes", async () => {
  const { gateway, talk, asking, answer } = await setup();
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  expect(await gateway.sent.take()).toMatchObject({ op: "subscribe", subject: stream, from: "new" });
  expect(await gateway.sent.take()).toMatchObject({
    op: "publish",
    subject: "ai.chat.user.ada.message",
    data: { ...question, user_id: "ada" },
    msg_id: request_id,
  });
  gateway.answer(request_id, 0, chunk("A dog "));
  expect(await first).toEqual({ what: "text", text: "A dog " });
  gateway.answer(request_id, 1, chunk("came."));
  gateway.answer(request_id, 2, done);
  expect([await next(changes), await next(changes)]).toEqual([{ what: "text", text: "came." }, { what: "end" }]);
  expect(answer).toMatchObject({ text: "A dog came.", broken: false });
  expect((await changes.next()).done).toBe(true);
});

test("askQuestion() goes on from its last sequence when the gateway went away, without a hole or a double", async () => {
  const { gateway, talk, asking, answer, states } = await setup();
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.answer(request_id, 0, chunk("one "));
  await first;
  gateway.drop();
  gateway.answer(request_id, 1, chunk("two "));
  gateway.answer(request_id, 2, chunk("three"));
  gateway.answer(request_id, 3, done);
  // The question is message 1 of the stream, the first word 2.
  expect(await next(changes)).toEqual({ what: "text", text: "two " });
  expect(await sent(gateway, "subscribe", stream)).toMatchObject({ from: { seq: 3, epoch: 7 } });
  expect([await next(changes), await next(changes)]).toEqual([{ what: "text", text: "three" }, { what: "end" }]);
  expect(answer.text).toBe("one two three");
  expect(states).toEqual([]);
});

test("GatewayLine tells that the connection is lost when it does not come back at once, and when it is back", async () => {
  const { gateway, talk, asking, states } = await setup();
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.away = true;
  gateway.drop();
  for (let attempts = 0; attempts < 2; attempts++) await gateway.turnedAway.take();
  gateway.away = false;
  gateway.answer(request_id, 0, chunk("one "));
  expect(await first).toEqual({ what: "text", text: "one " });
  expect(states).toEqual(["lost", "back"]);
});

test("askQuestion() asks again under the same id, and misses nothing, when it never heard that the gateway had it", async () => {
  const { gateway, talk, asking, answer } = await setup();
  gateway.deaf = true;
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.deaf = false;
  gateway.drop();
  gateway.answer(request_id, 0, chunk("one "));
  expect(await gateway.sent.take()).toMatchObject({ op: "subscribe", subject: stream, from: "all" });
  expect(await gateway.sent.take()).toMatchObject({ op: "publish", msg_id: request_id });
  expect(await first).toEqual({ what: "text", text: "one " });
  gateway.answer(request_id, 1, done);
  expect(await next(changes)).toEqual({ what: "end" });
  expect(answer.text).toBe("one ");
});

test("askQuestion() takes the kept answer when parts of the stream are lost for good", async () => {
  const { gateway, talk, asking, answer } = await setup();
  gateway.routes["GET /api/chat/answers/r-1"] = () => [
    200,
    { state: "done", response: "one two three", sources: [], model: null, usage: null, error: null },
  ];
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.answer(request_id, 0, chunk("one "));
  gateway.answer(request_id, 2, chunk("three"));
  gateway.answer(request_id, 3, done);
  const heard = [await first, await next(changes), await next(changes), await next(changes), await next(changes)];
  expect(heard.map(({ what }) => what)).toEqual(["text", "text", "handover", "text", "end"]);
  expect(answer).toMatchObject({ text: "one two three", broken: false });
});

test("askQuestion() publishes the cancel when it is aborted, and ends with the answer's own end", async () => {
  const { gateway, talk, asking, answer, cancelling } = await setup();
  const changes = askQuestion(talk, question, asking);
  const first = next(changes);
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.answer(request_id, 0, chunk("A dog "));
  await first;
  const last = next(changes);
  cancelling.abort();
  expect(await sent(gateway, "publish", "ai.chat.user.ada.cancel")).toMatchObject({
    data: { request_id, user_id: "ada" },
  });
  gateway.answer(request_id, 1, { type: "error", code: "CANCELLED", message: "It was cancelled", retryable: false });
  expect(await last).toEqual({ what: "end" });
  expect(answer).toMatchObject({ text: "A dog ", fault: { code: "CANCELLED", retryable: false } });
});

test("askQuestion() rejects with the gateway's code when the question is not taken", async () => {
  const { gateway, talk, asking } = await setup();
  gateway.refuse = ({ op }) => (op === "publish" ? { code: "PAYLOAD_INVALID", message: "It does not fit" } : null);
  await expect(askQuestion(talk, question, asking).next()).rejects.toMatchObject({
    code: "GATEWAY_REFUSED",
    facts: { code: "PAYLOAD_INVALID" },
  });
});

test("askQuestion() asks again when the gateway says later", async () => {
  const { gateway, talk, asking } = await setup();
  let refused = 0;
  gateway.refuse = ({ op }) =>
    op === "publish" && refused++ === 0 ? { code: "UNAVAILABLE", message: "The broker is away" } : null;
  const first = next(askQuestion(talk, question, asking));
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  gateway.answer(request_id, 0, chunk("A dog"));
  expect(await first).toEqual({ what: "text", text: "A dog" });
});

test("askQuestion() gives up when the gateway does not come back in time", async () => {
  const { gateway, talk, asking } = await setup({ patience_ms: 0 });
  const first = askQuestion(talk, question, asking).next();
  await sent(gateway, "publish", "ai.chat.user.ada.message");
  const rejected = expect(first).rejects.toMatchObject({ code: "GATEWAY_DOWN" });
  gateway.refuse = () => ({ code: "UNAVAILABLE", message: "never" });
  await gateway.stop();
  await rejected;
});

test("retryAnswer() follows from now on before it asks, and drops what the failed answer had said", async () => {
  const { gateway, talk, cancelling } = await setup();
  gateway.answer(request_id, 0, chunk("A d"));
  gateway.answer(request_id, 1, gone);
  gateway.routes["POST /api/chat/answers/r-1/retry"] = () => {
    gateway.answer(request_id, 2, { type: "handover", mode: "restarted" });
    gateway.answer(request_id, 3, chunk("A cat"));
    gateway.answer(request_id, 4, done);
    return [202, {}];
  };
  const answer = new Answer(request_id, { from_seq: null });
  const heard: Change[] = [];
  for await (const change of retryAnswer(talk, { answer, signal: cancelling.signal })) heard.push(change);
  expect(heard.map(({ what }) => what)).toEqual(["handover", "text", "end"]);
  expect(answer).toMatchObject({ text: "A cat", fault: null });
});
