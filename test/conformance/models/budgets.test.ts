import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { createLlm } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { createSpendingStore, listSpending, migrate, openPostgres } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";

const { signal } = new AbortController();
const messages = [{ role: "user", content: "The gate is open. Is the gate open?" }] as const;
let database_url: string;
let url: string;
let stop: () => Promise<unknown>;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-test-"));
  const { postgres } = await startServers(dir, ["postgres"]);
  await migrate(postgres.url);
  const models = await startReferenceModels();
  [database_url, url] = [postgres.url, models.url];
  stop = async () => {
    await Promise.all([postgres.stop(), models.stop()]);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
});
afterAll(() => stop());

/** 35 characters are taken for 12 tokens, and 50 may be answered: 62 of the budget are held while a call is under way. */
const budgets = { user: { tokens_per_day: 140 } };

/** A process that asks: what it counts is in Postgres alone. */
function startAsking() {
  const db = openPostgres(database_url, { name: "chat-handler" });
  const spending = { service: "chat-handler", budgets, store: createSpendingStore(db) };
  const llm = createLlm([{ kind: "openai", url, model: "reference" }], {}, spending);
  const stream = (user_id: string) => llm.stream({ messages, max_tokens: 50 }, { signal, user_id });
  return {
    db,
    stream,
    async ask(user_id: string) {
      for await (const _ of stream(user_id));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([llm.close(), db.close()]);
    },
  };
}

test("a budget is one for all processes while calls are under way", async () => {
  await using one = startAsking();
  await using other = startAsking();
  const [first, second] = [one.stream("ada"), other.stream("ada")];
  await Promise.all([first.next(), second.next()]);
  await expect(one.ask("ada")).rejects.toMatchObject({ code: "BUDGET_SPENT", facts: { kind: "user", id: "ada" } });
  await other.ask("bob");
  await Promise.all([first.return(undefined as never), second.return(undefined as never)]);
  await one.ask("ada");
});

test("what was spent survives the processes that counted it", async () => {
  {
    await using one = startAsking();
    const { calls } = await untilSpent(one);
    expect(calls).toBe(7);
  }
  await using later = startAsking();
  await expect(later.ask("eve")).rejects.toMatchObject({ code: "BUDGET_SPENT" });
  const rows = await listSpending(later.db, { since_ms: Date.now() });
  expect(rows.find(({ id }) => id === "eve")).toMatchObject({
    kind: "user",
    calls: 7,
    local_calls: 7,
    local_tokens: 84,
    cost_micros: 0,
  });
});

/** Each answer takes 12 tokens: there is no room for 62 more after the seventh. */
async function untilSpent({ ask }: ReturnType<typeof startAsking>): Promise<{ calls: number }> {
  for (let calls = 0; ; calls++) {
    const code = await ask("eve").catch((error) => error.code);
    if (code === "BUDGET_SPENT") return { calls };
  }
}
