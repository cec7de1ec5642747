import { expect, test } from "vitest";
import { batchMetrics } from "./batch-metrics.ts";
import { createMetrics } from "./metrics.ts";

test("batchMetrics() shows sizes, waits and the queue of each model by itself", async () => {
  const metrics = createMetrics();
  const detector = batchMetrics(metrics, { service: "detection-ingest", model: "detector" });
  detector.left({ waited_ms: [500, 250], still_waiting: 7 });
  detector.left({ waited_ms: [250], still_waiting: 5 });
  batchMetrics(metrics, { service: "chat-handler", model: "embedder" }).left({ waited_ms: [0], still_waiting: 0 });
  const text = await metrics.text();
  for (const [sample, value] of [
    ["batch_items_count", 2],
    ["batch_items_sum", 3],
    ["batch_wait_seconds_count", 3],
    ["batch_wait_seconds_sum", 1],
    ["batch_queue", 5],
  ])
    expect(text).toContain(`gatehouse_model_${sample}{service="detection-ingest",model="detector"} ${value}\n`);
  expect(text).toContain('gatehouse_model_batch_queue{service="chat-handler",model="embedder"} 0\n');
});
