import { chatCancel, decodeEvent, wildcardOf } from "@gatehouse/events";
import { createGpu, createLlm } from "@gatehouse/models";
import { createLeaseStore, gpuMetrics, type Host, type Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, createSpendingStore, openPostgres, openRedis } from "@gatehouse/store";
import { LiveCancels } from "./answering/live-cancels.ts";
import type { config } from "./config.ts";
import { dueForgetting } from "./forget-old.ts";
import type { Deps } from "./service.ts";

const FORGET_AFTER_MS = 60_000;
/** Answers in hand keep their leases, and are saved, beside those that begin. */
const CONNECTIONS = 16;

/** Opens what the flow leans on. Without Redis conversations are read from Postgres; without a model answers wait, then fail. */
export async function start({
  backing,
  config: { chat, gpu: cards, models, retention },
  service,
  instance,
  bus,
  log,
  signal,
  telemetry,
}: Host<typeof config>): Promise<Started<Deps>> {
  const db = openPostgres(backing.database_url, { name: service, max: CONNECTIONS });
  const cache = openRedis(backing.redis_url, { name: service, key_prefix: "gh:" });
  const spending = { service, budgets: models.budgets, store: createSpendingStore(db) };
  const gpu = createGpu(cards, { store: createLeaseStore(bus), holder: `${service}.${instance}`, signal, log });
  const endMetrics = gpuMetrics(telemetry.metrics, () => gpu.status());
  const llm = createLlm(models.llm, { gpu }, spending);
  const shared = models.llm.flatMap((entry) => entry.gpu ?? []);
  const cancels = new LiveCancels();
  const unsubscribe = bus.subscribe(wildcardOf(chatCancel), ({ subject, body }) =>
    cancels.heard(decodeEvent(chatCancel, { subject, body, seq: 0, time_ms: Date.now(), msg_id: null })),
  );
  const stop = async () => {
    unsubscribe();
    endMetrics();
    await Promise.all([gpu.close(), db.close(), llm.close(), cache.close()]);
  };
  await dueForgetting(db, Date.now() + FORGET_AFTER_MS).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const hintModels = () => {
    for (const model of shared) gpu.hint(model);
  };
  const keep_days = retention.chat_d;
  return {
    deps: { db, bus, cache, llm, settings: chat, retriever: null, cancels, after_answer: null, keep_days, hintModels },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "redis", optional: true, probe: (signal) => cache.probe(signal) },
      { name: "llm", optional: true, probe: (signal) => llm.probe(signal) },
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop,
  };
}
