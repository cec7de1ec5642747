import { createLlm } from "@gatehouse/models";
import type { Host, Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, createSpendingStore, openPostgres } from "@gatehouse/store";
import type { config } from "./config.ts";
import { dueForgetting } from "./forget-old.ts";
import { InOrder } from "./in-order.ts";
import type { Deps } from "./service.ts";

const FORGET_AFTER_MS = 60_000;

/** Opens what the flow leans on. The language model is optional: without it events are unscored, and scored later. */
export async function start({
  backing,
  config: { batching, models, retention },
  service,
}: Host<typeof config>): Promise<Started<Deps>> {
  const db = openPostgres(backing.database_url, { name: service });
  const spending = { service, budgets: models.budgets, store: createSpendingStore(db) };
  const llm = createLlm(models.llm, {}, spending);
  await dueForgetting(db, Date.now() + FORGET_AFTER_MS).catch(async (error: unknown) => {
    await Promise.all([db.close(), llm.close()]);
    throw error;
  });
  return {
    deps: { db, llm, rules: batching, keep_days: retention.events_d, order: new InOrder() },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "llm", optional: true, probe: (signal) => llm.probe(signal) },
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop: async () => {
      await Promise.all([db.close(), llm.close()]);
    },
  };
}
