import type { ServerResponse } from "node:http";
import { Type } from "@sinclair/typebox";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { collect } from "../llm/collect.testing.ts";
import { type Account, type Budgets, createLlm, type LlmConfig, type SpendingStore, type Spent } from "../mod.ts";

const signal = new AbortController().signal;
/** 30 characters: 10 tokens are expected, and 100 of the answer. */
const request = { messages: [{ role: "user", content: "Who is at the door of the shed" }], max_tokens: 100 } as const;
const cost = { prompt_per_million: 2, completion_per_million: 10 };

const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const event = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":3}}\n\n';
const says: Answer = (_, response) => void begin(response).end(`${event('{"risk":1}')}${usage}data: [DONE]\n\n`);
const dies: Answer = (_, response) => void begin(response).write(event("{") + event("x"), () => response.destroy());
const down: Answer = (_, response) => json(response, {}, { status: 503 });

/** Accounts in memory, as the contract of the store has them. */
function memoryStore() {
  const sums = new Map<string, Spent>();
  const added: Spent[] = [];
  const sumWith = ({ kind, id }: Account, spent: Spent): Spent => {
    const before = sums.get(`${kind} ${id}`);
    const entries = Object.entries(spent).map(([name, value]) => [name, (before?.[name as keyof Spent] ?? 0) + value]);
    return Object.fromEntries(entries) as unknown as Spent;
  };
  const isPassed = (account: Account, spent: Spent): boolean => {
    const { prompt_tokens, completion_tokens, cost_micros } = sumWith(account, spent);
    const { most_tokens, most_cost_micros } = account;
    return (
      (most_tokens !== null && prompt_tokens + completion_tokens > most_tokens) ||
      (most_cost_micros !== null && cost_micros > most_cost_micros)
    );
  };
  const store: SpendingStore = {
    async add(accounts, spent) {
      const passed = accounts.find((account) => isPassed(account, spent));
      if (passed) return passed;
      for (const account of accounts) sums.set(`${account.kind} ${account.id}`, sumWith(account, spent));
      added.push(spent);
      return null;
    },
  };
  return { store, sums, added };
}

async function setup(entries: { answer: Answer; price?: Pick<LlmConfig, "cost" | "local"> }[], budgets: Budgets = {}) {
  const memory = memoryStore();
  const servers = await Promise.all(entries.map(({ answer }) => startTestServer(answer)));
  const config = entries.map(
    ({ price }, at) => ({ kind: "openai", url: servers[at]!.url, model: "m", ...price }) as const,
  );
  const llm = createLlm(config, { tries: 1 }, { service: "chat-handler", budgets, store: memory.store });
  onTestFinished(async () => {
    await llm.close();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  return { llm, servers, ...memory, ask: (user_id = "ada") => collect(llm.stream(request, { signal, user_id })) };
}

test("an answer is counted for its user and its service: calls, tokens, cost, and what was local", async () => {
  const { ask, sums } = await setup([{ answer: says }]);
  await Promise.all([ask(), ask(), ask("bob")]);
  const [one, paid] = [{ calls: 1, local_calls: 1, prompt_tokens: 8, completion_tokens: 3 }, { cost_micros: 0 }];
  expect(sums.get("user bob")).toEqual({ ...one, local_tokens: 11, ...paid });
  expect(sums.get("user ada")).toMatchObject({ calls: 2, local_tokens: 22 });
  expect(sums.get("service chat-handler")).toMatchObject({ calls: 3, local_calls: 3, prompt_tokens: 24 });
});

test("a model with a price is not local unless it says so, and costs by the million", async () => {
  const { ask, sums } = await setup([{ answer: says, price: { cost } }]);
  await ask();
  const spent = { calls: 1, prompt_tokens: 8, completion_tokens: 3, cost_micros: 8 * 2 + 3 * 10 };
  expect(sums.get("user ada")).toEqual({ ...spent, local_calls: 0, local_tokens: 0 });
  const rented = await setup([{ answer: says, price: { cost, local: true } }]);
  await rented.ask();
  expect(rented.sums.get("user ada")).toEqual({ ...spent, local_calls: 1, local_tokens: 11 });
});

test("a budget is asked before anything is sent, for as much as the answer may take", async () => {
  const { ask, servers, sums } = await setup([{ answer: says }], { user: { tokens_per_day: 110 + 11 } });
  await ask();
  await ask();
  await expect(ask()).rejects.toMatchObject({
    code: "BUDGET_SPENT",
    dependency: null,
    facts: { kind: "user", id: "ada", tokens: 110 },
    message: expect.stringContaining(
      'the day\'s budget of user "ada" must have room for up to 110 tokens: it is spent',
    ),
  });
  expect(servers[0]!.requests).toHaveLength(2);
  expect(sums.get("user ada")).toMatchObject({ calls: 2, prompt_tokens: 16, completion_tokens: 6 });
  await ask("bob");
});

test("an answer without max_tokens is asked to have as many as its budget was asked for, no other one", async () => {
  const wanted: unknown[] = [];
  const asks: Answer = async (request, response) => {
    wanted.push(JSON.parse((await bodyOf(request)).toString()).max_tokens);
    return says(request, response, 0);
  };
  const { messages } = request;
  const asked = async (price: Pick<LlmConfig, "cost">, budgets: Budgets, max_tokens?: number) => {
    const { llm } = await setup([{ answer: asks, price }], budgets);
    await collect(llm.stream({ messages, ...(max_tokens ? { max_tokens } : {}) }, { signal, user_id: "ada" }));
  };
  const [tokens, costs] = [{ user: { tokens_per_day: 10_000 } }, { service: { cost_per_day: 10 } }];
  await asked({}, tokens);
  await asked({}, tokens, 50);
  await asked({ cost }, costs);
  await asked({}, costs);
  await asked({ cost }, {});
  expect(wanted).toEqual([1_024, 50, 1_024, undefined, undefined]);
});

test("what a call may take is held while it is under way, so that many at once pass no budget", async () => {
  const { ask, servers, sums } = await setup([{ answer: says }], { service: { tokens_per_day: 330 } });
  const calls = await Promise.allSettled(Array.from({ length: 8 }, () => ask()));
  expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(servers[0]!.requests).toHaveLength(3);
  expect(sums.get("service chat-handler")).toMatchObject({ calls: 3, prompt_tokens: 24, completion_tokens: 9 });
});

test("when the budget of cost is spent, models that cost nothing go on answering", async () => {
  const price = { cost };
  const { ask, servers } = await setup([{ answer: says, price }, { answer: says }], { user: { cost_per_day: 0.001 } });
  await ask();
  expect(servers.map(({ requests }) => requests.length)).toEqual([0, 1]);
});

test("a spent budget hides no model that may be back before the day is over", async () => {
  const price = { cost };
  const { ask } = await setup([{ answer: says, price }, { answer: down }], { user: { cost_per_day: 0 } });
  const failure = await ask().catch((error) => error);
  expect(failure).toMatchObject({ code: "LLM_DOWN", retry_after_ms: null });
  expect(failure.message).toContain("budget");
});

test("a call that was not answered costs nothing, and a broken answer what was heard of it", async () => {
  const budgets = { user: { tokens_per_day: 10_000 } };
  const { llm, sums } = await setup([{ answer: down }, { answer: dies, price: { cost } }, { answer: says }], budgets);
  const Risk = Type.Object({ risk: Type.Number() });
  await llm.json(request, Risk, { signal, user_id: "ada" });
  expect(sums.get("user ada")).toMatchObject({ calls: 2, local_calls: 1, completion_tokens: 2 + 3, local_tokens: 11 });
  expect(sums.get("user ada")!.cost_micros).toBe((sums.get("user ada")!.prompt_tokens - 8) * 2 + 2 * 10);
});

test("an answer that its caller left is paid for", async () => {
  const pauses: Answer = (_, response) => void begin(response).write(event("{"));
  const { llm, sums } = await setup([{ answer: pauses }], { user: { tokens_per_day: 10_000 } });
  for await (const _ of llm.stream(request, { signal, user_id: "ada" })) break;
  expect(sums.get("user ada")).toMatchObject({ calls: 1, prompt_tokens: 10, completion_tokens: 1 });
});

test.each([
  ["its caller gave up", 60_000],
  ["its time is up", 500],
])("an answer that nobody reads on is paid for when %s", async (_, most_ms) => {
  const hangs: Answer = (_request, response) => void begin(response).write(event("{"));
  const { llm, store, sums, added } = await setup([{ answer: hangs }], { user: { tokens_per_day: 10_000 } });
  const settled = Promise.withResolvers<void>();
  const { add } = store;
  store.add = async (...given) => {
    const full = await add(...given);
    if (added.length === 2) settled.resolve();
    return full;
  };
  const caller = new AbortController();
  const deadline_ms = Date.now() + most_ms;
  await llm.stream(request, { signal: caller.signal, user_id: "ada", deadline_ms }).next();
  if (most_ms > 500) caller.abort(new Error("hung up"));
  await settled.promise;
  expect(sums.get("user ada")).toMatchObject({ calls: 1, prompt_tokens: 10, completion_tokens: 1 });
});

test("an answer is given also when it cannot be counted", async () => {
  const { llm, store } = await setup([{ answer: says }]);
  store.add = async () => Promise.reject(new Error("away"));
  expect((await collect(llm.stream(request, { signal }))).text).toBe('{"risk":1}');
});
