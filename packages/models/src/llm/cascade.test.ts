import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createLlm, type LlmConfig } from "../mod.ts";
import { collect } from "./collect.testing.ts";

const signal = new AbortController().signal;
const messages = [{ role: "user", content: "Who is there?" }] as const;
const DONE = "data: [DONE]\n\n";

const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const event = (model: string, content: string) =>
  `data: ${JSON.stringify({ model, choices: [{ delta: { content } }] })}\n\n`;

/** Says these words, then closes the socket. */
const dies =
  (model: string, ...words: string[]): Answer =>
  (_, response) =>
    void begin(response).write(`: ping\n\n${words.map((word) => event(model, word)).join("")}`, () =>
      response.destroy(),
    );
const says =
  (model: string, ...words: string[]): Answer =>
  (_, response) =>
    void begin(response).end(
      `${words.map((word) => event(model, word)).join("")}data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":${words.length}}}\n\n${DONE}`,
    );
const status =
  (code: number): Answer =>
  (_, response) =>
    json(response, { error: { message: "no" } }, { status: code });

/** A list of servers that answer so, and the bodies that each was sent. */
async function setup(answers: Answer[], config: Partial<LlmConfig> = {}) {
  const bodies: Record<string, unknown>[][] = answers.map(() => []);
  const servers = await Promise.all(
    answers.map((answer, at) =>
      startTestServer(async (request, response, count) => {
        if (request.method === "POST") bodies[at]!.push(JSON.parse((await bodyOf(request)).toString()));
        return answer(request, response, count);
      }),
    ),
  );
  const llm = createLlm(
    servers.map(({ url }) => ({ kind: "openai", url, model: "m", ...config })),
    { tries: 1 },
  );
  return {
    llm,
    bodies,
    servers,
    async [Symbol.asyncDispose]() {
      await llm.close();
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

const ref = (name: string) => ({ name, version: "unknown", backend: "openai" });

test("a stream that breaks is gone on with by the next model from the text so far, behind one mark", async () => {
  await using at = await setup([dies("local", "A person", " stands"), says("cloud", " at", " the door")]);
  const { text, handovers, end } = await collect(at.llm.stream({ messages, max_tokens: 100 }, { signal }));
  expect(text).toBe("A person stands at the door");
  expect(handovers).toEqual([
    { mode: "continued", from: ref("local"), to: ref("cloud"), reason: "MODEL_ANSWER", characters: 15 },
  ]);
  expect(end).toEqual({
    model: ref("cloud"),
    models: [ref("local"), ref("cloud")],
    usage: { prompt_tokens: 7, completion_tokens: 4 },
    finish_reason: null,
  });
  expect(at.bodies[1]).toMatchObject([
    {
      messages: [...messages, { role: "assistant", content: "A person stands" }],
      continue_final_message: true,
      add_generation_prompt: false,
      max_tokens: 98,
    },
  ]);
  expect(at.bodies[0]![0]).not.toHaveProperty("continue_final_message");
});

test("with prefix the last message says that it is to be gone on with", async () => {
  await using at = await setup([dies("local", "A"), says("cloud", " person")], { continues: "prefix" });
  const { text } = await collect(at.llm.stream({ messages }, { signal }));
  expect(text).toBe("A person");
  expect(at.bodies[1]![0]).toMatchObject({
    messages: [...messages, { role: "assistant", content: "A", prefix: true }],
  });
  expect(at.bodies[1]![0]).not.toHaveProperty("continue_final_message");
});

test("a model that cannot go on begins anew, and the mark says so", async () => {
  const restarted = [
    { mode: "restarted", from: ref("local"), to: ref("cloud"), reason: "MODEL_ANSWER", characters: 8 },
  ];
  await using never = await setup([dies("local", "A person"), says("cloud", "Somebody")], { continues: "never" });
  expect(await collect(never.llm.stream({ messages }, { signal }))).toMatchObject({
    text: "Somebody",
    handovers: restarted,
  });
  const refuses: Answer = (...[request, response, count]) =>
    (count === 1 ? status(400) : says("cloud", "Somebody"))(request, response, count);
  await using refused = await setup([dies("local", "A person"), refuses]);
  expect(await collect(refused.llm.stream({ messages }, { signal }))).toMatchObject({
    text: "Somebody",
    handovers: restarted,
  });
  expect(refused.bodies[1]!.map(({ messages }) => (messages as unknown[]).length)).toEqual([2, 1]);
  await using shaped = await setup([dies("local", '{"risk"'), says("cloud", '{"risk": 1}')]);
  const json_schema = { name: "risk", schema: {} };
  expect(await collect(shaped.llm.stream({ messages, json_schema }, { signal }))).toMatchObject({
    text: '{"risk": 1}',
    handovers: [{ mode: "restarted" }],
  });
});

const finished = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const counted = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}}\n\n';
const breaks =
  (said: string, cut = true): Answer =>
  (_, response) =>
    void begin(response).write(said, () => (cut ? response.destroy() : response.end()));

test.each([
  ["that had its finish_reason", event("local", "Nobody") + finished, true],
  ["that had its finish_reason and ended without [DONE]", event("local", "Nobody") + finished, false],
  ["whose tokens were counted", event("local", "Nobody") + counted, true],
])("an answer %s is whole: nobody goes on with it", async (_, said, cut) => {
  await using at = await setup([breaks(said, cut), says("cloud", " at all")]);
  const { text, handovers, end } = await collect(at.llm.stream({ messages }, { signal }));
  expect([text, handovers, end.model]).toEqual(["Nobody", [], ref("local")]);
  expect(at.servers[1]!.requests).toHaveLength(0);
  await using whole = await setup([breaks(event("local", '{"risk":1}') + finished, cut)]);
  expect((await whole.llm.json({ messages }, Type.Object({ risk: Type.Number() }), { signal })).value).toEqual({
    risk: 1,
  });
});

test("an answer that finished without a word is no answer when it is cut off", async () => {
  await using at = await setup([breaks(finished), says("cloud", "Nobody")]);
  expect((await collect(at.llm.stream({ messages }, { signal }))).text).toBe("Nobody");
});

test("a model that has nothing to add and is cut off after that ends the answer", async () => {
  await using at = await setup([dies("local", "Nobody"), breaks(finished), says("third", " at all")]);
  expect((await collect(at.llm.stream({ messages }, { signal }))).text).toBe("Nobody");
});

test("a whole answer without [DONE] counts against its server", async () => {
  await using server = await startTestServer(breaks(event("local", "Nobody") + finished));
  const llm = createLlm([{ kind: "openai", url: server.url, model: "m" }], { breaker_failures: 1 });
  await collect(llm.stream({ messages }, { signal }));
  await expect(collect(llm.stream({ messages }, { signal }))).rejects.toMatchObject({
    code: "LLM_DOWN",
    facts: { circuit: "open" },
  });
  await llm.close();
});

test("a model that also refuses to begin anew is skipped, and its refusal told when nobody is left", async () => {
  await using at = await setup([dies("local", "A person"), status(400), says("cloud", " stands there")]);
  expect((await collect(at.llm.stream({ messages }, { signal }))).text).toBe("A person stands there");
  expect(at.servers[1]!.requests).toHaveLength(2);
  await using left = await setup([dies("local", "A person"), status(400)], { continues: "never" });
  await expect(collect(left.llm.stream({ messages }, { signal }))).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining("current value is 400"),
  });
});

test("a model that says the last words again is heard once", async () => {
  await using at = await setup([
    dies("local", "A person stands", " at the door"),
    says("cloud", "person stands ", "at the door", " and rings"),
  ]);
  expect((await collect(at.llm.stream({ messages }, { signal }))).text).toBe("A person stands at the door and rings");
});

test("after two deaths there are two marks; who said nothing is in none", async () => {
  await using at = await setup([
    dies("first", "One"),
    dies("silent"),
    status(503),
    dies("second", " two"),
    says("third", " three"),
  ]);
  const { text, handovers, end } = await collect(at.llm.stream({ messages }, { signal }));
  expect(text).toBe("One two three");
  expect(handovers.map(({ from, to, characters }) => [from?.name, to.name, characters])).toEqual([
    ["first", "second", 3],
    ["second", "third", 7],
  ]);
  expect(end.models.map(({ name }) => name)).toEqual(["first", "second", "third"]);
});

test("a server that is skipped before its answer began leaves no mark", async () => {
  await using at = await setup([status(503), status(500), says("cloud", "Nobody")]);
  const { text, handovers } = await collect(at.llm.stream({ messages }, { signal }));
  expect([text, handovers]).toEqual(["Nobody", []]);
});

test("a stream that breaks before its first word is marked at 0 characters", async () => {
  await using at = await setup([dies("local"), says("cloud", "Nobody")]);
  const { text, handovers } = await collect(at.llm.stream({ messages }, { signal }));
  expect(text).toBe("Nobody");
  expect(handovers).toMatchObject([{ mode: "continued", from: ref("m"), to: ref("cloud"), characters: 0 }]);
});

test("an answer begun elsewhere is gone on with, behind a mark", async () => {
  await using at = await setup([says("local", " stands there")]);
  const { text, handovers } = await collect(at.llm.stream({ messages, said: "A person" }, { signal }));
  expect(text).toBe(" stands there");
  expect(handovers).toEqual([{ mode: "continued", from: null, to: ref("local"), reason: null, characters: 8 }]);
});

test("nobody else is asked once the caller gave up", async () => {
  await using at = await setup([
    (_, response) => void begin(response).write(event("local", "One")),
    says("cloud", "x"),
  ]);
  const caller = new AbortController();
  const parts = at.llm.stream({ messages }, { signal: caller.signal });
  await parts.next();
  const closed = once(at.servers[0]!.sockets[0]!, "close");
  caller.abort(new Error("cancelled"));
  await closed;
  await expect(parts.next()).rejects.toThrow("cancelled");
  expect(at.servers[1]!.requests).toHaveLength(0);
});

test("a stream that nobody can go on with fails with what may pass, and what was told stays told", async () => {
  await using at = await setup([dies("local", "One"), status(503)]);
  const parts = at.llm.stream({ messages }, { signal });
  await expect(parts.next()).resolves.toEqual({ done: false, value: { text: "One" } });
  await expect(parts.next()).rejects.toMatchObject({ code: "LLM_DOWN", message: expect.stringContaining("cut off") });
});

test("json() asks the next model anew when an answer breaks or does not fit", async () => {
  await using at = await setup([
    dies("first", '{"risk_score": 1'),
    says("second", "I would rather not"),
    says("third", '{"risk_score": 40}'),
  ]);
  const Risk = Type.Object({ risk_score: Type.Number() });
  expect(await at.llm.json({ messages }, Risk, { signal })).toMatchObject({
    value: { risk_score: 40 },
    model: ref("third"),
  });
  for (const [body] of at.bodies) expect(body!.messages).toEqual(messages);
});
