import { afterEach, expect, test } from "vitest";
import { type ReferenceModels, type ReferenceModelsOptions, startReferenceModels } from "./service.ts";

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(options: ReferenceModelsOptions = {}) {
  const models = await startReferenceModels(options);
  running.push(models);
  const put = (door: string, body: object) =>
    fetch(`${models.url}/failures/${door}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const chat = (signal?: AbortSignal) =>
    fetch(`${models.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: "The gate is open. Who opened the gate?" }] }),
      ...(signal ? { signal } : {}),
    });
  return { models, put, chat };
}

test("startReferenceModels() answers /health and stops twice without harm", async () => {
  const { models } = await setup();
  expect(await (await fetch(`${models.url}/health`)).json()).toEqual({ status: "ok", backend: "reference" });
  await models.stop();
  await models.stop();
  await expect(fetch(`${models.url}/health`)).rejects.toThrow();
});

test("PUT /failures/{door} does not exist unless it was allowed", async () => {
  const { models, put } = await setup();
  expect((await put("chat", { hang: true })).status).toBe(404);
  expect(models.failures.chat.hang).toBe(false);
});

test("PUT /failures/{door} sets switches, and refuses unknown ones and values out of range by name", async () => {
  const { models, put } = await setup({ allow_failures: true });
  expect((await put("chat", { latency_ms: 1 })).status).toBe(200);
  expect(models.failures.chat.latency_ms).toBe(1);
  const refused = await put("chat", { error_rate: 2, colour: "red" });
  expect(refused.status).toBe(400);
  const { error } = (await refused.json()) as { error: { message: string } };
  expect(error.message).toBe('Cannot set failures: "error_rate" must be 0..1: current value is 2; "colour" is unknown');
  expect((await put("toaster", {})).status).toBe(404);
});

test("error_rate refuses about that share of requests with the switched status, the same ones in every run", async () => {
  const outcomes = async () => {
    const { chat } = await setup({ failures: { chat: { error_rate: 0.5, status: 529 } } });
    const statuses: number[] = [];
    for (let n = 0; n < 20; n++) statuses.push((await chat()).status);
    return statuses;
  };
  const first = await outcomes();
  expect(new Set(first)).toEqual(new Set([200, 529]));
  expect(await outcomes()).toEqual(first);
});

test("out_of_memory answers 503 with the words of a full card", async () => {
  const { chat } = await setup({ failures: { chat: { out_of_memory: true } } });
  const response = await chat();
  expect(response.status).toBe(503);
  expect(await response.text()).toContain("CUDA out of memory");
});

test("garbage answers 200 with something that is no JSON", async () => {
  const { chat } = await setup({ failures: { chat: { garbage: true } } });
  const response = await chat();
  expect(response.status).toBe(200);
  await expect(response.json()).rejects.toThrow();
});

test("hang takes the request and never answers, and stop() ends it", async () => {
  const { models, chat } = await setup({ failures: { chat: { hang: true } } });
  const asked = chat().then(
    () => "answered",
    () => "cut",
  );
  await expect(chat(AbortSignal.timeout(150))).rejects.toThrow(/timeout/i);
  await models.stop();
  expect(await asked).toBe("cut");
});
