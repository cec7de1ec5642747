import { expect, test } from "vitest";
import { gpuStorm } from "./gpu-storm.ts";

test("a card is never overrun and nobody starves while the processes of its callers are killed and paused", async () => {
  const verdict = await gpuStorm({
    seconds: 12,
    processes: 4,
    callers: 32,
    every_ms: 2_000,
    pause_ms: 6_000,
    seed: 3,
    times: { renew_ms: 1_000, lapse_ms: 3_000, take_over_ms: 4_500, look_ms: 300, aging_ms: 3_000 },
    gone_ms: 60_000,
  });
  expect(verdict).toMatchObject({ faults: [], budget_mb: 8_192 });
  expect(verdict.most_mb).toBeGreaterThan(6_000);
});
