import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";
import { ANSWER_TOKENS, type Order, type Times } from "./wire.ts";

const CONNECTIONS = 256;
const BODY = JSON.stringify({
  model: "gatehouse",
  messages: [
    { role: "system", content: "Answer briefly." },
    { role: "user", content: "Who is at the door? ".repeat(20) },
  ],
  stream: true,
  stream_options: { include_usage: true },
});
const pools = new Map<string, Pool>();

/** Asks at the times that were ordered; what is late on our side counts as late. */
async function ask({ url, key, per_s, count }: Order): Promise<Times> {
  const pool = pools.get(url) ?? new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  pools.set(url, pool);
  const times: Times = { first_ms: [], whole_ms: [] };
  const began_ms = performance.now();
  const asked: Promise<void>[] = [];
  while (asked.length < count) {
    const due_ms = began_ms + (asked.length * 1_000) / per_s;
    if (due_ms > performance.now()) await wait(1);
    else asked.push(askOnce(pool, key, { due_ms, times }));
  }
  await Promise.all(asked);
  return times;
}

async function askOnce(pool: Pool, key: string, { due_ms, times }: { due_ms: number; times: Times }): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: BODY,
  });
  let text = "";
  for await (const chunk of body) {
    if (text === "") times.first_ms.push(performance.now() - due_ms);
    text += String(chunk);
  }
  times.whole_ms.push(performance.now() - due_ms);
  const tokens = text.split('"content":" token"').length - 1;
  if (tokens !== ANSWER_TOKENS || !text.endsWith("data: [DONE]\n\n"))
    throw new Error(
      `an answer with status ${statusCode} had ${tokens} of ${ANSWER_TOKENS} tokens: ${text.slice(-200)}`,
    );
}

const operations = { ask };
export type Operations = typeof operations;

serve(operations, async () => void (await Promise.all([...pools.values()].map((pool) => pool.destroy()))));
