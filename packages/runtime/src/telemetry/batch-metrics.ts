import type { MetricsRegistry } from "./metrics.ts";

/** Is told of each batch that leaves for a model server. */
export interface BatchMetrics {
  left(batch: { waited_ms: readonly number[]; still_waiting: number }): void;
}

/** Size of batches, wait of their items and length of the queue, of one model of a service. */
export function batchMetrics(metrics: MetricsRegistry, of: { service: string; model: string }): BatchMetrics {
  const labels = ["service", "model"] as const;
  const items = metrics.histogram({
    name: "gatehouse_model_batch_items",
    unit: "{item}",
    description: "Items that left for a model server together",
    labels,
    bounds: [1, 2, 4, 8, 16, 32, 64, 128],
  });
  const waits = metrics.histogram({
    name: "gatehouse_model_batch_wait_seconds",
    unit: "s",
    description: "How long an item waited for its batch",
    labels,
  });
  const queue = metrics.gauge({
    name: "gatehouse_model_batch_queue",
    unit: "{item}",
    description: "Items that stayed behind when the last batch left",
    labels,
  });
  const [size, wait_s, behind] = [items.bind(of), waits.bind(of), queue.bind(of)];
  return {
    left({ waited_ms, still_waiting }) {
      size.record(waited_ms.length);
      for (const ms of waited_ms) wait_s.record(ms / 1000);
      behind.set(still_waiting);
    },
  };
}
