import { createLlm, type Llm } from "@gatehouse/models";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";
import { ANSWER_TOKENS, type Order, type Times, TOKEN, VARIANTS, type Variant } from "./wire.ts";

const { signal } = new AbortController();
const messages = [{ role: "user", content: "Who is there?" }] as const;
const NOBODY = "http://127.0.0.1:1";

type Ask = () => Promise<Times>;
let askers: Record<Variant, Ask> | null = null;
const closing: (() => Promise<unknown>)[] = [];

/** Asks everybody in turn, each time beginning with another one, so that all meet the same machine. */
async function run({ url, asked }: Order): Promise<Record<Variant, Times[]>> {
  askers ??= await makeAskers(url);
  const times: Record<Variant, Times[]> = { bare: [], one: [], two: [], skipped: [] };
  for (let n = 0; n < asked; n++)
    for (let i = 0; i < VARIANTS.length; i++) {
      const variant = VARIANTS[(n + i) % VARIANTS.length]!;
      times[variant].push(await askers[variant]());
    }
  return times;
}

async function makeAskers(url: string): Promise<Record<Variant, Ask>> {
  const pool = new Pool(url, { connections: 1, pipelining: 1 });
  closing.push(() => pool.destroy());
  const skipping = listOf(NOBODY, url);
  // Its circuit opens after five failures: from then on it is skipped without being asked.
  for (let n = 0; n < 5; n++) await skipping();
  return { bare: () => askBare(pool), one: listOf(url), two: listOf(url, url), skipped: skipping };
}

function listOf(...urls: string[]): Ask {
  const llm = createLlm(
    urls.map((url) => ({ kind: "openai", url, model: "m" })),
    { tries: 1, breaker_open_ms: 3_600_000 },
  );
  closing.push(() => llm.close());
  return () => askOurs(llm);
}

async function askOurs(llm: Llm): Promise<Times> {
  const began_ms = performance.now();
  let first_ms = 0;
  let tokens = 0;
  for await (const part of llm.stream({ messages }, { signal })) {
    if (tokens++ === 0) first_ms = performance.now() - began_ms;
    if (!("text" in part) || part.text !== TOKEN) throw new Error(`a part is ${JSON.stringify(part)}`);
  }
  return checked(tokens, { first_ms, whole_ms: performance.now() - began_ms });
}

/** The same question by hand: each event is parsed, nothing is checked, timed or bounded. */
async function askBare(pool: Pool): Promise<Times> {
  const began_ms = performance.now();
  let first_ms = 0;
  let tokens = 0;
  const { body } = await pool.request({
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ model: "m", messages, stream: true, stream_options: { include_usage: true } }),
  });
  let begun = "";
  for await (const chunk of body) {
    const lines = (begun + String(chunk)).split("\n\n");
    begun = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "data: [DONE]") continue;
      if (JSON.parse(line.slice(6)).choices[0]?.delta.content !== TOKEN) continue;
      if (tokens++ === 0) first_ms = performance.now() - began_ms;
    }
  }
  return checked(tokens, { first_ms, whole_ms: performance.now() - began_ms });
}

function checked(tokens: number, times: Times): Times {
  if (tokens !== ANSWER_TOKENS) throw new Error(`an answer had ${tokens} of ${ANSWER_TOKENS} tokens`);
  return times;
}

const operations = { run };
export type Operations = typeof operations;

serve(operations, async () => void (await Promise.all(closing.map((close) => close()))));
