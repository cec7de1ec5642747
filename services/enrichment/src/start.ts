import { createGpu, createLlm } from "@gatehouse/models";
import { createLeaseStore, gpuMetrics, type Host, type Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, createSpendingStore, openPostgres } from "@gatehouse/store";
import type { config } from "./config.ts";
import { dueForgetting } from "./forget-old.ts";
import { InOrder } from "./in-order.ts";
import type { Deps } from "./service.ts";

const FORGET_AFTER_MS = 60_000;

/** Opens what the flow leans on. The language model is optional: without it events are unscored, and scored later. */
export async function start({
  backing,
  config: { batching, gpu: cards, models, retention },
  service,
  instance,
  bus,
  log,
  signal,
  telemetry,
}: Host<typeof config>): Promise<Started<Deps>> {
  const db = openPostgres(backing.database_url, { name: service });
  const spending = { service, budgets: models.budgets, store: createSpendingStore(db) };
  const gpu = createGpu(cards, { store: createLeaseStore(bus), holder: `${service}.${instance}`, signal, log });
  const endMetrics = gpuMetrics(telemetry.metrics, () => gpu.status());
  const llm = createLlm(models.llm, { gpu }, spending);
  const shared = models.llm.flatMap((entry) => entry.gpu ?? []);
  const hintModels = () => {
    for (const model of shared) gpu.hint(model);
  };
  const stop = async () => {
    endMetrics();
    await Promise.all([gpu.close(), llm.close()]);
    await db.close(); // last: what answers cost is counted there
  };
  await dueForgetting(db, Date.now() + FORGET_AFTER_MS).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    deps: { db, llm, rules: batching, keep_days: retention.events_d, order: new InOrder(), hintModels },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "llm", optional: true, probe: (signal) => llm.probe(signal) },
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop,
  };
}
