import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, bodyOf, startTestServer } from "../calling/test-server.ts";
import { type CompleteOptions, createLlm, type Handover, type LlmConfig, type WireRequest } from "../mod.ts";
import { collect } from "./collect.testing.ts";

const signal = new AbortController().signal;
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }];
const request: WireRequest = { messages: [{ role: "user", content: "Is it raining?" }], tools };

const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const event = (delta: object) => `data: ${JSON.stringify({ model: "m", choices: [{ delta }] })}\n\n`;
const words = (...texts: string[]) => texts.map((content) => event({ content })).join("");
const call = (...pieces: string[]) =>
  [{ id: "c1", type: "function", function: { name: "weather", arguments: "" } }, ...pieces]
    .map((piece) => (typeof piece === "string" ? { function: { arguments: piece } } : piece))
    .map((piece) => event({ tool_calls: [{ index: 0, ...piece }] }))
    .join("");
const CALLED = 'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n';
const dies =
  (told: string): Answer =>
  (_, response) =>
    void begin(response).write(`: ping\n\n${told}`, () => response.destroy());
const says =
  (told: string): Answer =>
  (_, response) =>
    void begin(response).end(`${told}data: [DONE]\n\n`);

async function setup(answers: Answer[], configs: Partial<LlmConfig>[] = []) {
  const bodies: Record<string, unknown>[][] = answers.map(() => []);
  const servers = await Promise.all(
    answers.map((answer, at) =>
      startTestServer(async (request, response, count) => {
        bodies[at]!.push(JSON.parse((await bodyOf(request)).toString()));
        return answer(request, response, count);
      }),
    ),
  );
  const list = servers.map(({ url }, at) => ({ kind: "openai", url, model: "m", ...configs[at] }) as const);
  const llm = createLlm(list, { tries: 1 });
  onTestFinished(async () => {
    await llm.close();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  const ask = (options: Partial<CompleteOptions> = {}, asked = request) =>
    read(llm.complete(asked, { signal, ...options }));
  return { llm, bodies, ask };
}

/** What a reader has at the end: one that can drop what it was told does so. */
async function read(parts: ReturnType<ReturnType<typeof createLlm>["complete"]>) {
  const told = { text: "", calls: "", handovers: [] as Handover[], thoughts: [] as object[] };
  for (;;) {
    const next = await parts.next();
    if (next.done) return { ...told, end: next.value };
    for (const part of next.value)
      if ("text" in part) told.text += part.text;
      else if ("tool_calls" in part) told.calls += part.tool_calls.map((one) => one.function?.arguments).join("");
      else if ("reasoning" in part) told.thoughts.push(part.reasoning);
      else {
        told.handovers.push(part.handover);
        if (part.handover.mode === "restarted") [told.text, told.calls] = ["", ""];
      }
  }
}

test("complete() sends messages, tools and other fields as they are, and gives words, then the calls", async () => {
  const { bodies, ask } = await setup([says(words("Let me ") + call('{"city":', '"Rome"}') + CALLED)]);
  const messages = [
    ...request.messages,
    { role: "assistant", content: null, tool_calls: [{ id: "c0", type: "function" }] },
    { role: "tool", tool_call_id: "c0", content: "sunny" },
    { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
  ];
  const asked = { ...request, messages, tool_choice: "auto", seed: 7, stop: ["\n"], max_tokens: 9 };
  expect(await ask({}, asked)).toMatchObject({
    text: "Let me ",
    calls: '{"city":"Rome"}',
    end: { finish_reason: "tool_calls" },
  });
  expect(bodies[0]).toEqual([{ ...asked, model: "m", stream: true, stream_options: { include_usage: true } }]);
});

test("an answer in words is gone on with also where tools are on offer", async () => {
  const { bodies, ask } = await setup([dies(words("It ")), says(words("rains"))]);
  expect(await ask({ restarts: false })).toMatchObject({ text: "It rains", handovers: [{ mode: "continued" }] });
  expect(bodies[1]).toMatchObject([{ tools, continue_final_message: true }]);
});

test("half a call is begun anew by the next model, for a reader who can drop it", async () => {
  const { bodies, ask } = await setup([dies(words("Hm") + call('{"ci')), says(call("{}") + CALLED)]);
  expect(await ask()).toMatchObject({ text: "", calls: "{}", handovers: [{ mode: "restarted", characters: 2 }] });
  expect(bodies[1]).toMatchObject([{ messages: request.messages }]);
});

test("half a call fails the stream of a reader who cannot drop it, and nobody else is asked", async () => {
  const { bodies, ask } = await setup([dies(call('{"ci')), says(call("{}") + CALLED)]);
  await expect(ask({ restarts: false })).rejects.toMatchObject({ code: "MODEL_ANSWER" });
  expect(bodies[1]).toEqual([]);
});

test("words are not begun anew for a reader who cannot drop them: who can go on is asked", async () => {
  const configs = [{}, { continues: "never" }, {}] as const;
  const { bodies, ask } = await setup([dies(words("It ")), says(words("Rain")), says(words("rains"))], [...configs]);
  expect((await ask({ restarts: false })).text).toBe("It rains");
  expect(bodies[1]).toEqual([]);
  const held = { ...request, response_format: { type: "json_object" } };
  await expect(ask({ restarts: false }, held)).rejects.toMatchObject({ code: "MODEL_ANSWER" });
});

test("nothing told yet: the next model is asked for the whole answer, also without restarts", async () => {
  const { ask } = await setup([dies(""), says(call("{}") + CALLED)]);
  expect(await ask({ restarts: false })).toMatchObject({ calls: "{}" });
});

test("complete() asks entries of the model's name only", async () => {
  const named = [{ model: "small" }, { model: "large" }];
  const { bodies, ask } = await setup([says(words("a")), says(words("b"))], named);
  expect((await ask({ model: "large" })).text).toBe("b");
  expect(bodies.map(({ length }) => length)).toEqual([0, 1]);
});

test("stream() passes over calls of tools that nobody offered", async () => {
  const { llm } = await setup([says(call("{}") + words("Yes"))]);
  const { text } = await collect(llm.stream({ messages: [{ role: "user", content: "?" }] }, { signal }));
  expect(text).toBe("Yes");
});

test("complete() passes on what a model thinks, under the server's name for it; stream() leaves it out", async () => {
  const told = [
    { role: "assistant", content: "", reasoning_content: "Clouds, " },
    { reasoning: "so" },
    { reasoning_content: null, reasoning: { effort: "high" } },
    { content: "Yes", reasoning_content: " rain" },
  ];
  const { ask, llm } = await setup([says(told.map(event).join(""))]);
  expect(await ask()).toMatchObject({
    text: "Yes",
    thoughts: [{ reasoning_content: "Clouds, " }, { reasoning: "so" }, { reasoning_content: " rain" }],
  });
  const parts = [];
  for await (const part of llm.stream({ messages: [{ role: "user", content: "?" }] }, { signal })) parts.push(part);
  expect(parts).toEqual([{ text: "Yes" }]);
});
