import { expect, test } from "vitest";
import { gpuMetrics } from "./gpu-metrics.ts";
import { createMetrics } from "./metrics.ts";

test("gpuMetrics() shows memory, leases and waiters of each card as they are when asked for", async () => {
  const metrics = createMetrics();
  const card = { card: "gpu-0", vram_budget_mb: 1_000, vram_used_mb: 0, loaded_models: [], pending_loads: [] };
  let cards = [card, { ...card, card: "gpu-1" }];
  const end = gpuMetrics(metrics, () => cards);
  const busy = { ...card, vram_used_mb: 600, loaded_models: [{ holders: ["a", "b"] }, { holders: ["a"] }] };
  cards = [{ ...busy, pending_loads: [{}] } as never];
  const text = await metrics.text();
  for (const [sample, value] of [
    ["memory_budget_bytes", 1_048_576_000],
    ["memory_used_bytes", 629_145_600],
    ["leases", 3],
    ["waiters", 1],
  ])
    expect(text).toContain(`gatehouse_gpu_${sample}{card="gpu-0"} ${value}\n`);
  end();
});
