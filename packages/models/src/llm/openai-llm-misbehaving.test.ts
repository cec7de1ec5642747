import type { ServerResponse } from "node:http";
import { expect, test, vi } from "vitest";
import { type Answer, json, startTestServer } from "../calling/test-server.ts";
import { createLlm } from "../mod.ts";

const signal = new AbortController().signal;
const part = `data: ${JSON.stringify({ choices: [{ delta: { content: "One" } }] })}\n\n`;
const sse = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

/** What came before the failure, the failure, and how often the server was asked. */
async function failureOf(answer: Answer, timeout_ms = 5_000, whole_answer_ms = 20_000) {
  await using server = await startTestServer(answer);
  const llm = createLlm([{ kind: "openai", url: server.url, model: "qwen", timeout_ms }], {
    first_delay_ms: 1,
    answer_bytes: 100_000,
    whole_answer_ms,
  });
  let text = "";
  try {
    for await (const next of llm.stream({ messages: [] }, { signal })) text += "text" in next ? next.text : "";
  } catch (failure) {
    expect((failure as Error).message).toContain(
      `Cannot ask the language model of model "qwen" at "${server.host}" as `,
    );
    return { text, failure, requests: server.requests.length };
  } finally {
    await llm.close();
  }
  throw new Error("The answer was expected to fail");
}

test.each<[string, Answer, string, string]>([
  ["ends without [DONE]", (_, response) => void sse(response).end(part), 'the answer must end with "[DONE]"', "One"],
  [
    "is cut off",
    (_, response) => sse(response).write(part, () => response.destroy()),
    "the answer must be whole",
    "One",
  ],
  [
    "holds an error",
    (_, response) => void sse(response).end(`${part}data: {"error":{"message":"out of memory"}}\n\n`),
    'it is the error "out of memory"',
    "One",
  ],
  [
    "is an error under a 200",
    (_, response) => json(response, { error: { message: "no such model" } }),
    'it is "application/json" with "no such model"',
    "",
  ],
  [
    "holds something else than JSON",
    (_, response) => void sse(response).end("data: hello\n\n"),
    'must be JSON: current value is "hello"',
    "",
  ],
  [
    "holds something else than chunks",
    (_, response) => void sse(response).end("data: {}\n\n"),
    "must be a chunk, its choices is missing",
    "",
  ],
  [
    "names a model without end",
    (_, response) => void sse(response).end(`data: ${JSON.stringify({ model: "x".repeat(300), choices: [] })}\n\n`),
    "must be a chunk, its model",
    "",
  ],
  [
    "counts more tokens than there can be",
    (_, response) =>
      void sse(response).end(
        'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":9007199254740991}}\n\ndata: [DONE]\n\n',
      ),
    "must be a chunk, its usage",
    "",
  ],
  [
    "is another content type",
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>Hi"),
    'it is "text/html" with "<p>Hi"',
    "",
  ],
  [
    "is too large",
    (_, response) => void sse(response).end(`data: ${"x".repeat(100_001)}`),
    "the answer must be at most 100000 bytes",
    "",
  ],
])("stream() says what was wanted when the answer %s", async (_, answer, message, before) => {
  const { text, failure, requests } = await failureOf(answer);
  expect(failure).toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining(message),
    facts: { model: "qwen" },
  });
  expect(text).toBe(before);
  expect(requests).toBe(1);
});

test("stream() gives up on a server that never answers", async () => {
  const { failure } = await failureOf(() => {}, 50);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", dependency: null });
});

test("stream() gives up on a server that goes silent after the first words", async () => {
  const { text, failure } = await failureOf((_, response) => void sse(response).write(part), 1_000);
  expect(text).toBe("One");
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT" });
});

test("stream() gives up on a server that sends a byte now and then but no part", async () => {
  const { failure } = await failureOf((_, response) => {
    sse(response);
    const drip = setInterval(() => response.write(":"), 10);
    response.on("close", () => clearInterval(drip));
  }, 100);
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT" });
});

test("stream() gives up on a server that sends one part after the other for ever", async () => {
  const { text, failure } = await failureOf(
    (_, response) => {
      sse(response);
      const drip = setInterval(() => response.write(part), 10);
      response.on("close", () => clearInterval(drip));
    },
    5_000,
    1_000,
  );
  expect(text).toContain("One");
  expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", facts: { of: "caller" } });
});

test("stream() tries again before the first part", async () => {
  const { failure, requests } = await failureOf((_, response) => json(response, {}, { status: 429 }));
  expect(failure).toMatchObject({ code: "MODEL_BUSY" });
  expect(requests).toBe(3);
});

test("stream() does not say our key again when the server does, under a 200", async () => {
  vi.stubEnv("LLM_KEY", "sk-0123456789");
  await using server = await startTestServer((_, response) => json(response, { error: "no such key: sk-0123456789" }));
  const llm = createLlm([{ kind: "openai", url: server.url, model: "qwen", api_key: { env: "LLM_KEY" } }]);
  vi.unstubAllEnvs();
  const failure: Error = await llm
    .stream({ messages: [] }, { signal })
    .next()
    .then(
      () => expect.unreachable(),
      (error) => error,
    );
  await llm.close();
  expect(failure.message).toContain("no such key: ***");
});

test("stream() holds its slot no longer than a whole answer may take, though nobody reads on", async () => {
  await using server = await startTestServer((_, response, count) =>
    count === 1 ? sse(response).write(part) : sse(response).end(`${part}data: [DONE]\n\n`),
  );
  const llm = createLlm([{ kind: "openai", url: server.url, model: "qwen", in_flight: 1 }], { whole_answer_ms: 500 });
  const unread = llm.stream({ messages: [] }, { signal });
  await unread.next();
  const next = llm.stream({ messages: [] }, { signal });
  expect(await next.next()).toEqual({ done: false, value: { text: "One" } });
  await next.return(undefined as never);
  await expect(unread.next()).rejects.toMatchObject({ code: "MODEL_TIMEOUT", facts: { of: "caller" } });
  await llm.close();
});

test("stream() sets no time any more once its caller gave up", async () => {
  await using server = await startTestServer((_, response) => sse(response).write(part));
  const llm = createLlm([{ kind: "openai", url: server.url, model: "qwen", timeout_ms: 77_777 }]);
  const caller = new AbortController();
  const parts = llm.stream({ messages: [] }, { signal: caller.signal });
  await parts.next();
  caller.abort(new Error("no longer wanted"));
  const timers = vi.spyOn(globalThis, "setTimeout");
  await expect(parts.next()).rejects.toThrow("no longer wanted");
  expect(timers.mock.calls.map(([, timeout_ms]) => timeout_ms)).not.toContain(77_777);
  timers.mockRestore();
  await llm.close();
});
