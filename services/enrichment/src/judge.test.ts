import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLlm } from "@gatehouse/models";
import { createLog } from "@gatehouse/runtime";
import { describe, expect, onTestFinished, test } from "vitest";
import { batchWith } from "./detections.fixture.ts";
import { judge, levelOf } from "./judge.ts";

const facts = {
  camera_id: "gate",
  camera_name: "Front Gate",
  batches: [batchWith({ detection_count: 3 }), batchWith({ detection_count: 2, labels: { dog: 2 } })],
  ended: true,
};
const good = { risk_score: 42, summary: "A person", reasoning: "Daylight", recommended_action: "Look" };

/** A model server that answers every question with these words; null: it never answers. */
async function setup(words: string | null, status = 200) {
  const bodies: { messages: unknown[]; temperature: number; response_format: { json_schema: { schema: object } } }[] =
    [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    if (words === null) return;
    response.writeHead(status, { "content-type": "text/event-stream" });
    const delta = { model: "small", system_fingerprint: "v7", choices: [{ index: 0, delta: { content: words } }] };
    response.end(`data: ${JSON.stringify(delta)}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const llm = createLlm([{ kind: "openai", url, model: "small" }], { tries: 1 });
  const log = createLog({ name: "test", level: "error", home: null, stdout: "silent" });
  onTestFinished(async () => {
    await llm.close();
    await log.close();
    server.closeAllConnections();
    server.close();
  });
  const ask = (own: { signal?: AbortSignal; timeout_ms?: number } = {}) =>
    judge(llm, facts, { signal: new AbortController().signal, log, timeout_ms: 10_000, ...own });
  return { ask, bodies };
}

test("judge() asks once, at temperature 0, for JSON of a schema, and says by what it judged", async () => {
  const { ask, bodies } = await setup(JSON.stringify(good));
  expect(await ask()).toEqual({
    risk: {
      status: "scored",
      score: 42,
      level: "medium",
      summary: "A person",
      reasoning: "Daylight",
      recommended_action: "Look",
    },
    by: { prompt: "risk-2", model: "small", version: "v7", error: null, boxes: 5 },
    useless: false,
  });
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatchObject({ temperature: 0, messages: [{ role: "system" }, { role: "user" }] });
  expect(bodies[0]!.response_format.json_schema.schema).toMatchObject({
    required: ["risk_score", "summary", "reasoning", "recommended_action"],
  });
});

test.each([
  [-20, 0, "low"],
  [29.4, 29, "low"],
  [29.5, 30, "medium"],
  [84.6, 85, "critical"],
  [1e300, 100, "critical"],
])("judge() takes a score of %d as %d, %s", async (risk_score, score, level) => {
  const { ask } = await setup(JSON.stringify({ ...good, risk_score }));
  expect((await ask()).risk).toMatchObject({ status: "scored", score, level });
});

test("judge() passes over thinking, and cuts and cleans what Postgres would not take", async () => {
  const odd = { ...good, summary: "a\u0000b\ud800", reasoning: "x".repeat(9_000), recommended_action: " \n " };
  const { ask } = await setup(`<think>{"risk_score": 1}</think> Here: ${JSON.stringify(odd)}`);
  const { risk } = await ask();
  expect(risk).toMatchObject({ score: 42, summary: "a b\ufffd", recommended_action: "" });
  expect(risk.reasoning).toHaveLength(4_000);
});

describe("judge() gives an unscored risk, never an error,", () => {
  const unscored = { status: "unscored", score: null, level: null, summary: "person, dog at Front Gate" };

  test.each([
    ["for words without JSON", "I cannot say", "MODEL_ANSWER"],
    ["for a score that is no number", JSON.stringify({ ...good, risk_score: "high" }), "MODEL_ANSWER"],
    ["for an answer without a summary", JSON.stringify({ ...good, summary: undefined }), "MODEL_ANSWER"],
  ])("%s, and knows that asking again hardly helps", async (_, words, error) => {
    const { ask } = await setup(words);
    expect(await ask()).toMatchObject({ risk: unscored, by: { error, model: null, boxes: 5 }, useless: true });
  });

  test("for a server that is down", async () => {
    const { ask } = await setup("", 503);
    expect(await ask()).toMatchObject({ risk: unscored, by: { error: "LLM_DOWN" }, useless: false });
  });

  test("for a server that does not answer in time", async () => {
    const { ask } = await setup(null);
    expect(await ask({ timeout_ms: 50 })).toMatchObject({
      risk: unscored,
      by: { error: "SCORE_LATE" },
      useless: false,
    });
  });
});

test("judge() ends with the signal's reason when the service stops", async () => {
  const { ask } = await setup(null);
  await expect(ask({ signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
});

test("levelOf() is low below 30, medium below 60, high below 85, then critical", () => {
  expect([0, 29, 30, 59, 60, 84, 85, 100].map(levelOf)).toEqual([
    "low",
    "low",
    "medium",
    "medium",
    "high",
    "high",
    "critical",
    "critical",
  ]);
});
