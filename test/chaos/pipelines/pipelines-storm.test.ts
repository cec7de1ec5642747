import { expect, test } from "vitest";
import { pipelinesStorm } from "./pipelines-storm.ts";

test("each trigger is one run, told once and in order, while bridges end, engines and the broker are killed and connections are cut", async () => {
  const verdict = await pipelinesStorm({
    triggers: 10,
    kills: 1,
    pauses: 0,
    long_pause_ms: 0,
    victims: ["pipeline-bridge", "argo", "kubeflow", "nats"],
    replicas: 2,
    bridge_signal: "SIGTERM",
    seed: 7,
    every_ms: 300,
    run_ms: 800,
    settle_ms: 500,
    late_ms: [100],
    is_harsh: false,
    patience_ms: 60_000,
    tell: () => undefined,
  });
  expect(verdict).toMatchObject({ faults: [], triggers: 10 });
});
