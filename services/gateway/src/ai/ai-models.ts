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
import type { config } from "../config.ts";

/** The models that people's own programs may ask; null: none is configured. */
export interface AiModels {
  readonly llm: Llm | null;
  /** Those that see. */
  readonly vision_llm: Llm | null;
  readonly embedder: Embedder | null;
  readonly reranker: Reranker | null;
  close(): Promise<void>;
}

/** Opens the configured models, under the leases of the cards that they share; what is asked is counted for its user. */
export function openAiModels(
  { config: { chat, models, gpu: cards }, service, instance, bus, signal, log, telemetry }: Host<typeof config>,
  db: Database,
): AiModels {
  const gpu = createGpu(cards, { store: createLeaseStore(bus), holder: `${service}.${instance}`, signal, log });
  const endMetrics = gpuMetrics(telemetry.metrics, () => gpu.status());
  const spending = { service, budgets: models.budgets, store: createSpendingStore(db) };
  const calling = { gpu, whole_answer_ms: chat.answer_timeout_s * 1_000 };
  const language = (list: typeof models.llm) => (list.length > 0 ? createLlm(list, calling, spending) : null);
  const llm = language(models.llm);
  const vision_llm = language(models.vision_llm);
  const embedder = models.embedder.length > 0 ? createEmbedder(models.embedder, { gpu }) : null;
  const reranker = models.reranker.length > 0 ? createReranker(models.reranker, { gpu }) : null;
  return {
    llm,
    vision_llm,
    embedder,
    reranker,
    close: async () => {
      endMetrics();
      await Promise.all([gpu.close(), llm?.close(), vision_llm?.close(), embedder?.close(), reranker?.close()]);
    },
  };
}
