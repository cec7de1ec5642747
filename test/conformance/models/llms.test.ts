import { createLlm, createVisionLlm, type Llm, type VisionLlm } from "@gatehouse/models";
import { describe, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { keepsThePromises, type Promised, staysTyped } from "./client.conformance.ts";
import { withServer } from "./with-server.ts";

const messages = [{ role: "user", content: "The gate is open. Is the gate open?" }] as const;
const model = "reference";

async function answer(llm: Llm, signal: AbortSignal) {
  const parts = llm.stream({ messages }, { signal });
  let text = "";
  for (;;) {
    const next = await parts.next();
    if (next.done) return { text, ...next.value };
    if ("text" in next.value) text += next.value.text;
  }
}

describe("llm", () => {
  const openai: Promised<Llm> = {
    name: "stream() of openai",
    open: withServer("chat", ({ url }, timeout_ms) => createLlm([{ kind: "openai", url, model, timeout_ms }])),
    ask: answer,
    prefix: "LLM",
    dependency: "llm",
  };
  keepsThePromises(openai);
  staysTyped(openai);

  test("stream() of openai says which model answered, and how many tokens it took", async () => {
    const { client, stop } = await openai.open();
    expect(await answer(client, new AbortController().signal)).toMatchObject({
      text: "The gate is open.",
      model: { name: model, version: "reference", backend: "reference" },
      usage: { completion_tokens: 4 },
      finish_reason: "stop",
    });
    await stop();
  });
});

describe("vision llm", () => {
  const openai: Promised<VisionLlm> = {
    name: "ask() of openai",
    open: withServer("chat", ({ url }, timeout_ms) => createVisionLlm([{ kind: "openai", url, model, timeout_ms }])),
    ask: async (vision, signal) =>
      vision.ask([{ bytes: await picture(1), media_type: "image/jpeg" }], "What is in the picture?", { signal }),
    prefix: "VISION_LLM",
    dependency: "vision_llm",
  };
  keepsThePromises(openai);
  staysTyped(openai);

  test("ask() of openai tells what is in the picture", async () => {
    const { client, stop } = await openai.open();
    const { text, model } = (await openai.ask(client, new AbortController().signal)) as { text: string; model: object };
    expect(text).toContain("picture, mostly ");
    expect(model).toMatchObject({ backend: "reference" });
    await stop();
  });
});
