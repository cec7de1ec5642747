import type { LlmEnd, PassedPart } from "@gatehouse/models";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { streamAnswer } from "./streamed-answer.ts";

const heading = { id: "chatcmpl-1", created: 1, model: "m" };
const model = { name: "m", version: "1", backend: "openai" };
const END: LlmEnd = { model, models: [model], usage: null, finish_reason: "stop" };

/** What a client is sent of an answer that is given part by part. */
async function setup(answer: () => AsyncGenerator<PassedPart[], LlmEnd, void>) {
  const app = fastify();
  onTestFinished(() => app.close());
  const { signal } = new AbortController();
  const streamed = { heading, include_usage: false, signal, tellError: () => ({ error: { code: "model_down" } }) };
  app.get("/", async (_request, reply) => {
    await streamAnswer(reply, { ...streamed, lists: answer(), ping_ms: 1 });
    return reply;
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return () => fetch(url);
}

test("streamAnswer() pings while there is nothing to send, before the first part and between two", async () => {
  const turns = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ask = await setup(async function* () {
    await turns[0]!.promise;
    yield [{ text: "One" }];
    await turns[1]!.promise;
    return END;
  });
  const response = await ask();
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  let told = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    told += text;
    if (told.startsWith(": ping\n\n")) turns[0]!.resolve();
    if (/One[\s\S]*: ping\n\n/.test(told)) turns[1]!.resolve();
  }
  const events = told.split("\n\n").filter((event) => event !== ": ping");
  expect(events.at(-2)).toBe("data: [DONE]");
  expect(events.slice(0, 2).map((event) => JSON.parse(event.slice(6)).choices[0].delta.content)).toEqual(["", "One"]);
});

test("streamAnswer() tells in the stream what breaks after a ping", async () => {
  const pinged = Promise.withResolvers<void>();
  // biome-ignore lint/correctness/useYield: it breaks before its first part
  const ask = await setup(async function* () {
    await pinged.promise;
    throw new Error("gone");
  });
  const response = await ask();
  pinged.resolve();
  expect(await response.text()).toMatch(/^(: ping\n\n)+data: {"error":{"code":"model_down"}}\n\n$/);
});

test("streamAnswer() leaves what breaks before anything was sent to its caller", async () => {
  // biome-ignore lint/correctness/useYield: it breaks before its first part
  const ask = await setup(async function* () {
    throw new Error("gone");
  });
  expect((await ask()).status).toBe(500);
});
