import { EventEmitter, once } from "node:events";
import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";
import { figure } from "../test-figure.ts";

interface Body {
  backend: string;
  model: string;
  object: string;
  choices: {
    message?: { content: string };
    delta?: { content?: string; tool_calls?: { function: { arguments: string } }[] };
    finish_reason: string | null;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
  error: { message: string; type: string; param: string; code: string };
}

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

const prompt =
  "The blue van left at nine. Ravens like walnuts. The gate was opened by Mira with her key. Who opened the gate?";

async function setup(chat: Partial<DoorFailures> = {}) {
  const logged = new EventEmitter();
  const log = { info: (fields: object, sentence: string) => void logged.emit(sentence, fields) };
  const models = await startReferenceModels({ failures: { chat }, log });
  running.push(models);
  const post = (body: object, signal?: AbortSignal) =>
    fetch(`${models.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  const ask = async (body: object) => (await (await post(body)).json()) as Body;
  const say = async (content: string, more: object = {}) =>
    (await ask({ messages: [{ role: "user", content }], ...more })).choices[0]!.message!.content;
  return { models, logged, post, ask, say };
}

function events(text: string): Body[] {
  return text
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice(6)) as Body);
}

const textOf = (chunks: Body[]) => chunks.map(({ choices }) => choices[0]?.delta?.content ?? "").join("");

test("POST /v1/chat/completions answers with the sentence that fits the question, and says it is a reference", async () => {
  const { ask } = await setup();
  const body = await ask({ model: "any/model", messages: [{ role: "user", content: prompt }] });
  expect(body.choices[0]!.message!.content).toContain("The gate was opened by Mira with her key.");
  expect(body.choices[0]!.message!.content).not.toContain("Ravens");
  expect(body).toMatchObject({ backend: "reference", model: "any/model", object: "chat.completion" });
  expect(body.usage!.total_tokens).toBe(body.usage!.prompt_tokens + body.usage!.completion_tokens);
});

test("POST /v1/chat/completions streams the same answer in events, ended by usage and [DONE]", async () => {
  const { post, say } = await setup();
  const messages = [{ role: "user", content: prompt }];
  const response = await post({ messages, stream: true, stream_options: { include_usage: true } });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const text = await response.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  const chunks = events(text);
  expect(textOf(chunks)).toBe(await say(prompt));
  expect(chunks.every(({ backend }) => backend === "reference")).toBe(true);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
  expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe("stop");
});

test("POST /v1/chat/completions obeys max_tokens and stop", async () => {
  const { ask } = await setup();
  const messages = [{ role: "user", content: prompt }];
  const short = await ask({ messages, max_tokens: 3 });
  expect(short).toMatchObject({ usage: { completion_tokens: 3 }, choices: [{ finish_reason: "length" }] });
  const stopped = await ask({ messages, stop: ["Mira"] });
  expect(stopped.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "The gate was opened by " } });
});

test("POST /v1/chat/completions continues a last assistant message where it ends", async () => {
  const { ask, say } = await setup();
  const whole = await say(prompt);
  for (const at of [0, 7, whole.length - 2]) {
    const said = { role: "assistant", content: whole.slice(0, at) };
    const rest = await ask({ messages: [{ role: "user", content: prompt }, said] });
    expect(said.content + rest.choices[0]!.message!.content).toBe(whole);
  }
});

test("drop_after_tokens cuts the line after exactly that many tokens", async () => {
  const { post } = await setup({ drop_after_tokens: 4 });
  const response = await post({ messages: [{ role: "user", content: prompt }], stream: true });
  const seen: string[] = [];
  const read = async () => {
    for await (const bytes of response.body!) seen.push(new TextDecoder().decode(bytes));
  };
  await expect(read()).rejects.toThrow();
  const chunks = events(seen.join(""));
  expect(chunks.filter(({ choices }) => (choices[0]?.delta?.content ?? "") !== "")).toHaveLength(4);
  expect(seen.join("")).not.toContain("[DONE]");
});

test("a client that goes away ends the generation before its next token", async () => {
  const { logged, post } = await setup({ tokens_per_s: 0.01 });
  const ended = once(logged, "answer ended early");
  const gone = new AbortController();
  const response = await post({ messages: [{ role: "user", content: prompt }], stream: true }, gone.signal);
  await response.body!.getReader().read();
  gone.abort();
  expect(await ended).toEqual([{ tokens_spoken: 0, tokens: expect.any(Number) }]);
});

test("POST /v1/chat/completions refuses bad input with OpenAI's error form, naming the field", async () => {
  const { post, ask } = await setup();
  expect((await post({ messages: [] })).status).toBe(400);
  const { error } = await ask({ messages: [{ role: "narrator", content: "x" }] });
  expect(error).toEqual({
    message:
      'Cannot answer chat as "messages[0].role" must be system|developer|user|assistant|tool: current value is "narrator"',
    type: "invalid_request_error",
    param: "messages[0].role",
    code: "bad_request",
  });
  expect((await ask({ messages: [{ role: "user", content: "x" }], max_tokens: 0 })).error.param).toBe("max_tokens");
});

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const inRome = { role: "user", content: "What is the weather in Rome?" };

test("POST /v1/chat/completions calls the tool that the question is about, streamed in pieces and whole alike", async () => {
  const { ask, post } = await setup();
  const { choices } = await ask({ messages: [inRome], tools: [weather] });
  expect(choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      content: null,
      tool_calls: [{ type: "function", function: { name: "get_weather", arguments: '{"city":"Rome"}' } }],
    },
  });
  const response = await post({ messages: [inRome], tools: [weather], stream: true });
  const deltas = events(await response.text()).flatMap(({ choices }) => choices[0]?.delta?.tool_calls ?? []);
  expect(deltas[0]).toMatchObject({ index: 0, id: expect.any(String), function: { name: "get_weather" } });
  expect(deltas.map((delta) => delta.function.arguments).join("")).toBe('{"city":"Rome"}');
});

test("POST /v1/chat/completions calls what must be called, and nothing that nobody asked for", async () => {
  const { ask } = await setup();
  const about = async (content: string, tool_choice?: unknown) =>
    (await ask({ messages: [{ role: "user", content }], tools: [weather], tool_choice })).choices[0]!.finish_reason;
  expect(await about("Who opened the gate?")).toBe("stop");
  expect(await about("Who opened the gate?", "required")).toBe("tool_calls");
  expect(await about("Who?", { type: "function", function: { name: "get_weather" } })).toBe("tool_calls");
  expect(await about(inRome.content, "none")).toBe("stop");
});

test("POST /v1/chat/completions answers from what a tool gave", async () => {
  const { ask } = await setup();
  const called = { role: "assistant", content: null, tool_calls: [{ id: "c1" }] };
  const given = { role: "tool", tool_call_id: "c1", content: "Rome weather: 21 degrees. Paris: 12 degrees." };
  const { choices } = await ask({ messages: [inRome, called, given], tools: [weather] });
  expect(choices[0]!.message!.content).toContain("Rome weather: 21 degrees.");
});

test("GET /v1/models names the reference model", async () => {
  const { models } = await setup();
  const body = (await (await fetch(`${models.url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(body.data.map(({ id }) => id)).toEqual(["reference-llm"]);
});

test("POST /v1/chat/completions tells what is seen in pictures, and refuses what is none", async () => {
  const { ask } = await setup();
  const about = (url: string) =>
    ask({
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is in the picture?" },
            { type: "image_url", image_url: { url } },
          ],
        },
      ],
    });
  const seen = await about(`data:image/jpeg;base64,${(await figure()).toString("base64")}`);
  expect(seen.choices[0]!.message!.content).toContain("with a person");
  expect((await about("https://example.com/a.jpg")).error).toMatchObject({
    code: "bad_request",
    param: "messages[0].content",
  });
  expect((await about(`data:image/jpeg;base64,${btoa("no picture")}`)).error).toMatchObject({ code: "not_an_image" });
});
