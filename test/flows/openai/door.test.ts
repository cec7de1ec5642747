import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { json } from "node:stream/consumers";
import { listSpending } from "@gatehouse/store";
import type OpenAI from "openai";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startWorld, type World } from "../../harness/world.ts";
import { openDoorBefore } from "./door-before.fixture.ts";
import type { OpenAiDoorOptions } from "./openai-door.fixture.ts";
import { adds, breaks, ends, type Script, says, startScriptedLlm } from "./scripted-llm.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const setup = (scripts: Script[], options?: Partial<OpenAiDoorOptions>) => openDoorBefore(world, scripts, options);
const asked = { model: "gatehouse", messages: [{ role: "user" as const, content: "Who is there?" }] };
const tools: OpenAI.Chat.ChatCompletionTool[] = [{ type: "function", function: { name: "look" } }];
const half = adds({
  tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "look", arguments: '{"a' } }],
});
const whole = adds({
  tool_calls: [{ index: 0, id: "c2", type: "function", function: { name: "look", arguments: "{}" } }],
});

/** What a reader of a stream sees: its words, and what ended it. */
async function read(stream: AsyncIterable<OpenAI.Chat.ChatCompletionChunk>) {
  let text = "";
  let finish: string | null = null;
  try {
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? "";
      finish = choices[0]?.finish_reason ?? finish;
    }
    return { text, finish };
  } catch (error) {
    return { text, error };
  }
}

test("the model is sent what the client sent: its own name, system for developer, and nothing that is null or unknown", async () => {
  const { client, models } = await setup([(response) => response.end(says("I") + ends())]);
  const extra = { seed: 7, stop: ["x"], top_p: 0.5, temperature: null, metadata: { chat_id: "c" }, chat_id: "c" };
  const messages = [
    { role: "developer", content: "Be brief" },
    { role: "user", content: [{ type: "text", text: "Hi" }] },
  ];
  await client.chat.completions.create({ ...extra, model: "m0", messages, max_completion_tokens: 9, tools } as never);
  expect(models[0]!.asked).toEqual([
    {
      model: "m0",
      messages: [{ role: "system", content: "Be brief" }, messages[1]],
      ...{ seed: 7, stop: ["x"], top_p: 0.5, max_tokens: 9, tools },
      ...{ stream: true, stream_options: { include_usage: true } },
    },
  ]);
});

test("an answer that a client sends back as it holds it is passed on without its nulls, save that of its content", async () => {
  const { client, models } = await setup([(response) => response.end(says("I") + ends())]);
  const tool_calls = [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }];
  const none = { refusal: null, audio: null, function_call: null, annotations: null };
  const messages = [
    { role: "assistant", content: "Hi", ...none, tool_calls: null, name: null },
    { role: "assistant", content: null, ...none, tool_calls },
    { role: "tool", tool_call_id: "c1", content: "Nobody", name: null },
  ];
  await client.chat.completions.create({ model: "m0", messages } as never);
  expect(models[0]!.asked[0]!.messages).toEqual([
    { role: "assistant", content: "Hi" },
    { role: "assistant", content: null, tool_calls },
    { role: "tool", tool_call_id: "c1", content: "Nobody" },
  ]);
});

test("a chat of Open WebUI: models, a long history streamed with its tokens, a title", async () => {
  const { door, secret, models } = await setup([(response) => response.end(says("A ", "title") + ends())]);
  const headers = {
    authorization: `Bearer ${secret}`,
    "content-type": "application/json",
    "x-openwebui-user-name": "Ada",
  };
  const { data } = (await (await fetch(`${door.url}/models`, { headers })).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(["gatehouse", "m0"]);
  const post = (body: object) =>
    fetch(`${door.url}/chat/completions`, { method: "POST", headers, body: JSON.stringify({ model: "m0", ...body }) });
  const messages = Array.from({ length: 2_000 }, (_, at) => ({
    role: at % 2 ? "assistant" : "user",
    content: `Turn ${at}: ${"words ".repeat(100)}`,
  }));
  const streamed = await post({ messages, stream: true, stream_options: { include_usage: true } });
  expect(streamed.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events = (await streamed.text()).split("\n\n");
  expect(events.slice(-2)).toEqual(["data: [DONE]", ""]);
  const chunks = events.slice(0, -2).map((event) => JSON.parse(event.slice("data: ".length)));
  expect(chunks[0].choices[0].delta).toEqual({ role: "assistant", content: "" });
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  });
  const title = await post({
    messages: [{ role: "user", content: "Create a title" }],
    stream: false,
    max_tokens: 1_000,
  });
  expect(await title.json()).toMatchObject({ choices: [{ message: { content: "A title" } }] });
  expect(models[0]!.asked[0]!.messages).toEqual(messages);
});

test.each([true, false])("a client that goes away ends the model's answer (streamed: %s)", async (stream) => {
  let gone = Promise.resolve<unknown>(null);
  let begun = () => {};
  const speaking = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { client } = await setup([
    (response) => {
      gone = once(response, "close");
      response.write(says("One"), begun);
    },
  ]);
  const leaving = new AbortController();
  const answer = client.chat.completions.create({ ...asked, stream }, { signal: leaving.signal }).catch(() => null);
  await speaking;
  if (stream) await answer;
  leaving.abort();
  await gone;
});

test("an answer that breaks off is gone on with by the next model, and its reader sees one text", async () => {
  const { client, models } = await setup([
    breaks(says("A person ", "stands ")),
    (response) => response.end(says("there") + ends()),
  ]);
  const stream = await client.chat.completions.create({ ...asked, stream: true });
  expect(await read(stream)).toEqual({ text: "A person stands there", finish: "stop" });
  expect(models[1]!.asked[0]).toMatchObject({ continue_final_message: true });
  const one = await client.chat.completions.create(asked);
  expect(one).toMatchObject({ model: "m1", choices: [{ message: { content: "A person stands there" } }] });
});

test("a model that was asked for by its name is not stood in for", async () => {
  const { client, models } = await setup([breaks(says("A ")), (response) => response.end(says("person") + ends())]);
  const { text, error } = await read(await client.chat.completions.create({ ...asked, model: "m0", stream: true }));
  expect([text, error]).toMatchObject(["A ", { code: "model_answer", type: "server_error" }]);
  expect(models[1]!.asked).toEqual([]);
});

test("half a call of a tool ends a stream with an error, and is made anew where nothing was sent", async () => {
  const { client } = await setup([breaks(half), (response) => response.end(whole + ends("tool_calls"))]);
  expect(await read(await client.chat.completions.create({ ...asked, tools, stream: true }))).toMatchObject({
    error: { code: "model_answer" },
  });
  const { choices } = await client.chat.completions.create({ ...asked, tools });
  expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
  expect(choices[0]!.message.tool_calls).toEqual([
    { id: "c2", type: "function", function: { name: "look", arguments: "{}" } },
  ]);
});

test("what breaks before the first word is an error with its status, streamed or not", async () => {
  const { client } = await setup([breaks("")]);
  for (const stream of [true, false])
    await expect(client.chat.completions.create({ ...asked, stream })).rejects.toMatchObject({
      status: 502,
      code: "model_answer",
      type: "server_error",
    });
  const none = await setup([], { llm: [{ url: "http://127.0.0.1:9", model: "away" }] });
  await expect(none.client.chat.completions.create(asked)).rejects.toMatchObject({ status: 503, code: "llm_down" });
  const nobody = await setup([]);
  await expect(nobody.client.chat.completions.create(asked)).rejects.toMatchObject({ code: "model_not_found" });
});

test("an answer that never ends is ended at chat.answer_timeout_s", async () => {
  const babble: Script = (response) => {
    const timer = setInterval(() => response.write(says("and ")), 50);
    response.once("close", () => clearInterval(timer));
  };
  const { client } = await setup([babble], { env: { GATEHOUSE_CHAT__ANSWER_TIMEOUT_S: "1" } });
  const { text, error } = await read(await client.chat.completions.create({ ...asked, stream: true }));
  expect([text, error]).toMatchObject([expect.stringMatching(/^and and /), { code: "model_timeout" }]);
});

test("pictures go to the models that see, where there are some, and their names can be asked for", async () => {
  const eye = await startScriptedLlm((response) => response.end(says("A cat") + ends()));
  onTestFinished(() => eye.stop());
  const { client, models } = await setup([(response) => response.end(says("Words") + ends())], {
    vision_llm: [{ url: eye.url, model: "eye" }],
  } as never);
  expect(models).toHaveLength(1);
  const image_url = { url: "data:image/png;base64,AA==" };
  const picture = { role: "user" as const, content: [{ type: "image_url" as const, image_url }] };
  const say = async (model: string, message: OpenAI.Chat.ChatCompletionMessageParam) =>
    (await client.chat.completions.create({ model, messages: [message] })).choices[0]!.message.content;
  expect(await say("gatehouse", picture)).toBe("A cat");
  expect(await say("gatehouse", asked.messages[0]!)).toBe("Words");
  expect(await say("eye", asked.messages[0]!)).toBe("A cat");
});

test("what was asked is counted for its user, and a spent budget says so", async () => {
  const env = { GATEHOUSE_MODELS__BUDGETS: '{"user":{"tokens_per_day":1100},"service":{}}' };
  const { client, user_id, models } = await setup([(response) => response.end(says("I") + ends())], { env });
  await client.chat.completions.create(asked);
  const rows = await listSpending(world.db, { since_ms: Date.now() });
  expect(rows.find(({ id }) => id === user_id)).toMatchObject({ calls: 1, prompt_tokens: 7, completion_tokens: 3 });
  await expect(client.chat.completions.create({ ...asked, max_tokens: 1_090 })).rejects.toMatchObject({
    status: 429,
    code: "insufficient_quota",
  });
  expect(models[0]!.asked).toHaveLength(1);
});

test("33 MB of JSON are refused before they were sent, whether or not they say how long they are", async () => {
  const { door, secret } = await setup([(response) => response.end(ends())]);
  const post = (headers: Record<string, string | number>) =>
    httpRequest(`${door.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
    });
  const told = post({ "content-length": 33_000_000 });
  told.write('{"messages":"');
  const [early] = await once(told, "response");
  expect([early.statusCode, await json(early)]).toMatchObject([413, { error: { code: "body_too_large" } }]);
  told.destroy();
  const silent = post({ "transfer-encoding": "chunked" }).on("error", () => undefined);
  const refused = once(silent, "response");
  let sent_mb = 0;
  for (let over = false; !over && sent_mb < 200; sent_mb++) {
    const taken = silent.write("x".repeat(1_000_000)) ? true : once(silent, "drain");
    over = await Promise.race([refused.then(() => true), Promise.resolve(taken).then(() => false)]);
  }
  const [late] = await refused;
  expect(late.statusCode).toBe(413);
  expect(sent_mb).toBeLessThan(33);
  silent.destroy();
});
