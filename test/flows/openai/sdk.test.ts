import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import OpenAI, { type RateLimitError } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { startWorld, type World } from "../../harness/world.ts";
import { type OpenAiDoor, openOpenAiDoor } from "./openai-door.fixture.ts";

let world: World;
let models: ReferenceModels;
let door: OpenAiDoor;
let client: OpenAI;

beforeAll(async () => {
  world = await startWorld();
  models = await startReferenceModels();
  door = await openOpenAiDoor(world, { llm: [{ url: models.url, model: "small" }], embedder_url: models.url });
  client = door.client(await door.key({ user_id: "ada" }));
});
afterAll(async () => {
  await door?.stop();
  await models?.stop();
  await world?.stop();
});

const question = "The blue van left at nine. The gate was opened by Mira with her key. Who opened the gate?";
const answer = "The gate was opened by Mira with her key.";
const messages = [{ role: "user", content: question }] as const;
const asked = { model: "small", messages: [...messages] };
const weather: OpenAI.Chat.ChatCompletionTool = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

async function chunksOf(stream: AsyncIterable<OpenAI.Chat.ChatCompletionChunk>) {
  const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test("models.list() names the configured models and the ids of their lists, each of which can be asked", async () => {
  const ids = (await client.models.list()).data.map(({ id }) => id);
  expect(ids).toEqual(["gatehouse", "gatehouse-embedder", "small", "vectors"]);
  expect(await client.models.retrieve("small")).toMatchObject({ id: "small", object: "model" });
  await expect(client.models.retrieve("large")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  for (const model of ["gatehouse", "small"])
    expect((await client.chat.completions.create({ ...asked, model })).choices[0]!.message.content).toContain(answer);
  for (const model of ["gatehouse-embedder", "vectors"])
    expect((await client.embeddings.create({ model, input: "gate" })).data).toHaveLength(1);
});

test("chat.completions.create() gives the same words whole and streamed, with why it ended and its tokens", async () => {
  const whole = await client.chat.completions.create(asked);
  const [choice] = whole.choices;
  expect(whole).toMatchObject({ object: "chat.completion", usage: { completion_tokens: expect.any(Number) } });
  expect(choice).toMatchObject({ index: 0, finish_reason: "stop", message: { role: "assistant", refusal: null } });
  const stream = await client.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await chunksOf(stream);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(choice!.message.content);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe("stop");
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  const plain = await chunksOf(await client.chat.completions.create({ ...asked, stream: true }));
  expect(plain.every((chunk) => !("usage" in chunk))).toBe(true);
});

test("max_tokens and stop end an answer, response_format gives it its form", async () => {
  const short = await client.chat.completions.create({ ...asked, max_completion_tokens: 2 });
  expect([short.choices[0]!.finish_reason, short.usage!.completion_tokens]).toEqual(["length", 2]);
  const stopped = await client.chat.completions.create({ ...asked, stop: "Mira" });
  expect(stopped.choices[0]!.message.content).toMatch(/opened by $/);
  const schema = { type: "object", properties: { who: { type: "string" } }, required: ["who"] };
  const response_format = { type: "json_schema", json_schema: { name: "who", schema } } as const;
  const formed = await client.chat.completions.create({ ...asked, response_format });
  expect(JSON.parse(formed.choices[0]!.message.content!)).toEqual({ who: expect.any(String) });
});

test("tools are called, streamed and whole alike, and what they give is answered from", async () => {
  const inRome = { role: "user", content: "What is the weather in Rome?" } as const;
  const called = await client.chat.completions.create({ model: "small", messages: [inRome], tools: [weather] });
  const [choice] = called.choices;
  expect([choice!.finish_reason, choice!.message.content]).toEqual(["tool_calls", null]);
  const streamed = client.chat.completions.stream({ model: "small", messages: [inRome], tools: [weather] });
  const { choices } = await streamed.finalChatCompletion();
  const functions = [choice, choices[0]].map((one) =>
    one!.message.tool_calls!.map((call) => "function" in call && call.function),
  );
  expect(functions[0]).toMatchObject([{ name: "get_weather", arguments: '{"city":"Rome"}' }]);
  expect(functions[1]).toMatchObject([{ name: "get_weather", arguments: '{"city":"Rome"}' }]);
  const [call] = choice!.message.tool_calls!;
  const given = { role: "tool", tool_call_id: call!.id, content: "Rome weather: 21 degrees." } as const;
  const told = await client.chat.completions.create({
    model: "small",
    messages: [inRome, choice!.message, given],
    tools: [weather],
  });
  expect(told.choices[0]!.message.content).toBe("Rome weather: 21 degrees.");
});

test("pictures are passed on to the model; one that would have to be fetched is refused", async () => {
  const about = (url: string) =>
    client.chat.completions.create({
      model: "small",
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
  const seen = await about(`data:image/jpeg;base64,${Buffer.from(await picture(1)).toString("base64")}`);
  expect(seen.choices[0]!.message.content).toContain("picture");
  await expect(about("http://127.0.0.1/secret.png")).rejects.toMatchObject({
    status: 400,
    param: "messages[0].content",
  });
});

test("embeddings.create() gives the same vectors as floats and as base64, and refuses other dimensions", async () => {
  const input = ["The gate is open", "A blue van"];
  const floats = await client.embeddings.create({ model: "vectors", input, encoding_format: "float" });
  const decoded = await client.embeddings.create({ model: "vectors", input });
  expect(decoded.data.map(({ index }) => index)).toEqual([0, 1]);
  expect(decoded.data.map(({ embedding }) => embedding)).toEqual(floats.data.map(({ embedding }) => embedding));
  expect(floats.usage.total_tokens).toBeGreaterThan(0);
  const dimensions = floats.data[0]!.embedding.length;
  expect((await client.embeddings.create({ model: "vectors", input, dimensions })).data).toHaveLength(2);
  await expect(client.embeddings.create({ model: "vectors", input, dimensions: 7 })).rejects.toMatchObject({
    status: 400,
    param: "dimensions",
  });
  const many = Array.from({ length: 1_001 }, (_, at) => `text ${at}`);
  expect((await client.embeddings.create({ model: "vectors", input: many })).data).toHaveLength(1_001);
});

test.each([
  ["more than one answer", { ...asked, n: 2 }, "n"],
  ["no messages", { ...asked, messages: [] }, "messages"],
  ["a role that is none", { ...asked, messages: [{ role: "narrator", content: "x" }] }, "messages[0].role"],
  ["a temperature beyond 2", { ...asked, temperature: 3 }, "temperature"],
  ["functions of old", { ...asked, functions: [{ name: "f" }] }, "functions"],
])("%s is refused with OpenAI's error, naming the field", async (_what, body, param) => {
  await expect(client.chat.completions.create(body as typeof asked)).rejects.toMatchObject({
    status: 400,
    type: "invalid_request_error",
    param,
    error: { message: expect.stringContaining(param.split("[")[0]!) },
  });
});

test("errors are those that the client knows: key, model, path, too large, too often", async () => {
  const stranger = door.client("gh_nobody").chat.completions.create(asked);
  await expect(stranger).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(stranger).rejects.toMatchObject({ code: "invalid_api_key", type: "invalid_request_error" });
  await expect(client.chat.completions.create({ ...asked, model: "gpt-9" })).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
    param: "model",
  });
  await expect(client.post("/audio/dreams")).rejects.toMatchObject({ status: 404, code: "not_found" });
  await expect(client.embeddings.create({ model: "vectors", input: [[1, 2]] })).rejects.toMatchObject({
    status: 400,
    param: "input",
  });
  const huge = { ...asked, messages: [{ role: "user", content: "x".repeat(13_000_000) }] } as typeof asked;
  await expect(client.chat.completions.create(huge)).rejects.toMatchObject({ status: 413, code: "body_too_large" });
});

test("a key may ask so often, 10 times a minute and 3 at once unless it is changed; then it is told when to come again; embeddings are counted apart, as searches", async () => {
  const env = {
    ...{ GATEHOUSE_LIMITS__AI_PER_MIN: "10", GATEHOUSE_LIMITS__AI_BURST: "3" },
    GATEHOUSE_LIMITS__SEARCH_PER_MIN: "1",
  };
  const listed = { llm: [{ url: models.url, model: "small" }], embedder_url: models.url };
  const strict = await openOpenAiDoor(world, { ...listed, env });
  const ada = strict.client(await strict.key());
  for (let n = 0; n < 13; n++) await ada.chat.completions.create(asked);
  const refused = ada.chat.completions.create(asked);
  await expect(refused).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await expect(refused).rejects.toMatchObject({ code: "rate_limit_exceeded", type: "requests" });
  const { headers } = (await refused.catch((error: unknown) => error)) as RateLimitError;
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ada.models.list()).data.length).toBeGreaterThan(0);
  const embedded = () => ada.embeddings.create({ model: "vectors", input: "gate" });
  expect((await embedded()).data).toHaveLength(1);
  await expect(embedded()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  expect(await strict.client(await strict.key()).chat.completions.create(asked)).toHaveProperty("choices");
  await strict.stop();
});
