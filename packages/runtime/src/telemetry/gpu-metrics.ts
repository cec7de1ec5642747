import type { MetricsRegistry } from "./metrics.ts";

/** How a graphics card is, as far as it is measured. */
export interface MeasuredCard {
  card: string;
  vram_budget_mb: number;
  vram_used_mb: number;
  loaded_models: readonly { holders: readonly string[] }[];
  pending_loads: readonly unknown[];
}

const MB = 1024 * 1024;

/** Memory, leases and waiters of each card, as last seen when they are asked for. Returns what ends it. */
export function gpuMetrics(metrics: MetricsRegistry, status: () => readonly MeasuredCard[]): () => void {
  const gauge = (name: string, unit: string, description: string) =>
    metrics.gauge({ name, unit, description, labels: ["card"] });
  const budget = gauge("gatehouse_gpu_memory_budget_bytes", "By", "Memory of a card that models may take");
  const used = gauge("gatehouse_gpu_memory_used_bytes", "By", "Memory of a card that models take");
  const leases = gauge("gatehouse_gpu_leases", "{lease}", "Leases on models of a card");
  const waiters = gauge("gatehouse_gpu_waiters", "{waiter}", "Holders that wait for a model of a card");
  return metrics.beforeShown(() => {
    for (const { card, vram_budget_mb, vram_used_mb, loaded_models, pending_loads } of status()) {
      budget.bind({ card }).set(vram_budget_mb * MB);
      used.bind({ card }).set(vram_used_mb * MB);
      leases.bind({ card }).set(loaded_models.reduce((sum, { holders }) => sum + holders.length, 0));
      waiters.bind({ card }).set(pending_loads.length);
    }
  });
}
