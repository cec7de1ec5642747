import {
  createEmbedder,
  createGpu,
  createLlm,
  createReranker,
  type Embedder,
  type Llm,
  type Reranker,
} from "@gatehouse/models";
import { createLeaseStore, gpuMetrics, type Host } from "@gatehouse/runtime";
import { createSpendingStore, type Database } from "@gatehouse/store";
import type { config } from "./config.ts";

/** The models that answers lean on; null: none is configured. */
export interface OpenModels {
  llm: Llm;
  embedder: Embedder | null;
  reranker: Reranker | null;
  /** A message will be answered soon: models that share a card are loaded, if there is room. */
  hint(): void;
  close(): Promise<void>;
}

/** Makes the clients of all models. Nothing is asked yet. @throws {ModelConfigError} */
export function openModels(
  { config: { gpu: cards, models }, service, instance, bus, log, signal, telemetry }: Host<typeof config>,
  db: Database,
): OpenModels {
  const gpu = createGpu(cards, { store: createLeaseStore(bus), holder: `${service}.${instance}`, signal, log });
  const endMetrics = gpuMetrics(telemetry.metrics, () => gpu.status());
  const spending = { service, budgets: models.budgets, store: createSpendingStore(db) };
  const llm = createLlm(models.llm, { gpu }, spending);
  const embedder = models.embedder.length > 0 ? createEmbedder(models.embedder, { gpu }) : null;
  const reranker = models.reranker.length > 0 ? createReranker(models.reranker, { gpu }) : null;
  const shared = models.llm.flatMap((entry) => entry.gpu ?? []);
  return {
    llm,
    embedder,
    reranker,
    hint() {
      for (const model of shared) gpu.hint(model);
    },
    async close() {
      endMetrics();
      await Promise.all([gpu.close(), llm.close(), embedder?.close(), reranker?.close()]);
    },
  };
}
