import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createVisionLlm } from "../mod.ts";

const signal = new AbortController().signal;
const images = [
  { bytes: Uint8Array.of(1, 2, 255), media_type: "image/jpeg" },
  { bytes: Uint8Array.of(7), media_type: "image/png" },
];
const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const event = (content: string) => `data: ${JSON.stringify({ model: "seer", choices: [{ delta: { content } }] })}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":90,"completion_tokens":2}}\n\n';
const says =
  (...words: string[]): Answer =>
  (_, response) =>
    void begin(response).end(`${words.map(event).join("")}${usage}data: [DONE]\n\n`);

async function setup(...answers: Answer[]) {
  const bodies: unknown[] = [];
  const servers = await Promise.all(
    answers.map((answer) =>
      startTestServer(async (request, response, count) => {
        if (request.method === "POST") bodies.push(JSON.parse((await bodyOf(request)).toString()));
        return answer(request, response, count);
      }),
    ),
  );
  const config = servers.map(({ url }) => ({ kind: "openai", url, model: "m" }) as const);
  const vision = createVisionLlm(config, { tries: 1 });
  return {
    vision,
    bodies,
    async [Symbol.asyncDispose]() {
      await vision.close();
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

test("ask() sends pictures as parts of one message, in their order behind the words", async () => {
  await using at = await setup(says("A person", " at the door"));
  const answer = await at.vision.ask(images, "What is there?", { signal, max_tokens: 50, temperature: 0 });
  expect(answer).toEqual({
    text: "A person at the door",
    model: { name: "seer", version: "unknown", backend: "openai" },
    usage: { prompt_tokens: 90, completion_tokens: 2 },
  });
  expect(at.bodies).toMatchObject([
    {
      model: "m",
      max_tokens: 50,
      temperature: 0,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is there?" },
            { type: "image_url", image_url: { url: "data:image/jpeg;base64,AQL/" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,Bw==" } },
          ],
        },
      ],
    },
  ]);
});

test("ask() goes on with an answer that broke off, the pictures sent again", async () => {
  const dies: Answer = (_, response) => void begin(response).write(event("A person"), () => response.destroy());
  await using at = await setup(dies, says(" at the door"));
  const { text } = await at.vision.ask(images, "What is there?", { signal });
  expect(text).toBe("A person at the door");
  expect(at.bodies[1]).toMatchObject({
    messages: [{ content: [{ type: "text" }, { type: "image_url" }, { type: "image_url" }] }, { role: "assistant" }],
  });
});

test("ask() and probe() tell of a model that sees, apart from one that does not", async () => {
  await using down = await setup((_, response) => json(response, {}, { status: 503 }));
  const failure = { code: "VISION_LLM_DOWN", dependency: "vision_llm" };
  await expect(down.vision.ask(images, "What?", { signal })).rejects.toMatchObject(failure);
  await expect(down.vision.probe(signal)).rejects.toMatchObject(failure);
  await using blind = await setup((_, response) => json(response, { error: "no pictures" }, { status: 400 }));
  await expect(blind.vision.ask(images, "What?", { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED" });
});
