import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createLlm, type LlmConfig } from "../mod.ts";
import { collect } from "./collect.testing.ts";

const never = new AbortController().signal;
const request = { messages: [{ role: "user", content: "Who is there?" }] } as const;
const Risk = Type.Object({ risk_score: Type.Number({ minimum: 0, maximum: 100 }) });

const part = (content: string) =>
  `data: ${JSON.stringify({ model: "qwen3:8b", choices: [{ delta: { content } }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const sse = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
const says =
  (...pieces: string[]): Answer =>
  (_, response) =>
    void sse(response).end(pieces.map(part).join("") + DONE);

async function setup(answer: Answer, config: Partial<LlmConfig> = {}) {
  const server = await startTestServer(answer);
  const llm = createLlm([{ kind: "openai", url: server.url, model: "qwen", ...config }], {
    first_delay_ms: 1,
    answer_bytes: 100_000,
  });
  return {
    server,
    llm,
    async [Symbol.asyncDispose]() {
      await llm.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("stream() gives the parts, then model and usage", async () => {
  let seen: unknown;
  await using at = await setup(async (request, response) => {
    seen = { line: `${request.method} ${request.url}`, body: JSON.parse((await bodyOf(request)).toString()) };
    sse(response).write(`: ping\r\n\r\n${part("Nobody")}`);
    response.write(
      `${part("")}${part(", as it seems")}data: {"system_fingerprint":"fp_1","choices":[{"delta":{},"finish_reason":"stop"}]}\n\n`,
    );
    response.end(
      `data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16}}\n\n${DONE}`,
    );
  });
  const schema = { name: "risk", schema: Risk };
  const { text, end } = await collect(
    at.llm.stream({ ...request, temperature: 0, max_tokens: 9, json_schema: schema }, { signal: never }),
  );
  expect(text).toBe("Nobody, as it seems");
  const model = { name: "qwen3:8b", version: "fp_1", backend: "openai" };
  expect(end).toEqual({
    model,
    models: [model],
    usage: { prompt_tokens: 12, completion_tokens: 4 },
    finish_reason: "stop",
  });
  expect(seen).toEqual({
    line: "POST /v1/chat/completions",
    body: {
      model: "qwen",
      messages: request.messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      max_tokens: 9,
      response_format: { type: "json_schema", json_schema: JSON.parse(JSON.stringify(schema)) },
    },
  });
});

test("stream() takes a base with /v1, sends the key, and no schema to a server without", async () => {
  process.env.GATEHOUSE_TEST_LLM_KEY = "sk-1";
  const bodies: object[] = [];
  await using at = await setup(
    async (request, response) => {
      bodies.push(JSON.parse((await bodyOf(request)).toString()));
      sse(response).end(DONE);
    },
    { json_schema: false, api_key: { env: "GATEHOUSE_TEST_LLM_KEY" } },
  );
  delete process.env.GATEHOUSE_TEST_LLM_KEY;
  const llm = createLlm([{ kind: "openai", url: `${at.server.url}/openai/v1/`, model: "m" }]);
  await collect(llm.stream(request, { signal: never }));
  await collect(at.llm.stream({ ...request, json_schema: { name: "risk", schema: Risk } }, { signal: never }));
  await llm.close();
  expect(at.server.requests.map(({ url }) => url)).toEqual(["/openai/v1/chat/completions", "/v1/chat/completions"]);
  expect(at.server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, "Bearer sk-1"]);
  expect(bodies[1]).not.toHaveProperty("response_format");
});

test("stream() uses its connection again after [DONE]", async () => {
  await using at = await setup(says("yes"));
  for (let n = 0; n < 10; n++) await collect(at.llm.stream(request, { signal: never }));
  expect(at.server.sockets.length).toBeLessThanOrEqual(2);
});

test("an aborted signal closes the socket in the middle of an answer", async () => {
  await using at = await setup((_, response) => void sse(response).write(part("One")), { in_flight: 1 });
  const caller = new AbortController();
  const parts = at.llm.stream(request, { signal: caller.signal });
  await parts.next();
  const closed = once(at.server.sockets[0]!, "close");
  caller.abort(new Error("cancelled"));
  await closed;
  const next = at.llm.stream(request, { signal: never });
  await expect(next.next()).resolves.toMatchObject({ value: { text: "One" } });
  await next.return(undefined as never);
  await expect(parts.next()).rejects.toThrow("cancelled");
});

test("leaving the loop closes the socket and frees the slot", async () => {
  await using at = await setup((_, response) => void sse(response).write(part("One")), { in_flight: 1 });
  for (let n = 1; n <= 2; n++) {
    for await (const next of at.llm.stream(request, { signal: never })) {
      expect(next).toEqual({ text: "One" });
      break;
    }
  }
  const [first] = at.server.sockets;
  if (!first?.destroyed) await once(first!, "close");
  expect(at.server.requests).toHaveLength(2);
});

test("json() drops the thinking, takes the first object and checks it", async () => {
  await using at = await setup(
    says('<think>{"risk_score": 1}', '</think>Here: ```json\n{"risk_', 'score": 40, "why": "a } in a string"}\n```'),
  );
  const { value, model, text } = await at.llm.json(request, Risk, { signal: never });
  expect(value.risk_score).toBe(40);
  expect(model.name).toBe("qwen3:8b");
  expect(text).toContain("</think>Here");
});

test.each([
  ["no object", "I would rather not", "the answer must hold a JSON object: current value is 18 characters without one"],
  ["another shape", '{"risk_score": 400}', "the answer's risk_score must be 0..100: current value is 400"],
  ["thinking only", '<think>{"risk_score": 4}', "the answer must hold a JSON object"],
])("json() says what was wanted when the answer holds %s", async (_, answer, message) => {
  await using at = await setup(says(answer));
  const failure = at.llm.json(request, Risk, { signal: never });
  await expect(failure).rejects.toMatchObject({ code: "MODEL_ANSWER", message: expect.stringContaining(message) });
});

test("probe() asks /v1/models", async () => {
  let status = 200;
  await using at = await setup((_, response) => json(response, { data: [] }, { status }));
  await at.llm.probe(never);
  status = 403;
  await expect(at.llm.probe(never)).rejects.toMatchObject({ code: "LLM_AUTH", dependency: "llm" });
  status = 404;
  await expect(at.llm.probe(never)).rejects.toMatchObject({ code: "LLM_DOWN", dependency: "llm" });
  expect(at.server.requests[0]?.url).toBe("/v1/models");
});
