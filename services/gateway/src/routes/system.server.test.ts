import { encode } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, NO_LIMITS, prepareGround, startGateway } from "../testing/gateway.fixture.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground.stop());

const load = { kind: "triton", url: "http://triton:8000" };
const card = { id: "gpu-0", vram_mb: 8_692, reserved_mb: 500, models: [{ name: "llm", vram_mb: 4_096, load }] };

test("/api/system tells what is on each graphics card, who holds it and who waits", async () => {
  const { secret } = await ground.key({ role: "operator" });
  const gateway = await startGateway(ground, { ...NO_LIMITS, GATEHOUSE_GPU__CARDS: JSON.stringify([card]) });
  const ask = async () => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await (await fetch(`${gateway.url}/api/system`, { headers })).json()) as { gpu: unknown };
  };
  expect((await ask()).gpu).toMatchObject([{ card: "gpu-0", vram_budget_mb: 8_192, vram_used_mb: 0 }]);
  const state = {
    models: { llm: { state: "loaded", vram_mb: 4_096, last_used_ms: 7, load, by: null, fault: null } },
    leases: [{ id: "1", holder: "chat", model: "llm", until_ms: 1 }],
    waiters: [{ id: "2", holder: "enrichment", model: "llm", priority: 2, waited_ms: 9, until_ms: 1 }],
    silences: [],
  };
  await ground.bus.publish("$KV.gpu.gpu-0", encode(state));
  expect((await ask()).gpu).toMatchObject([
    {
      utilization: 0.5,
      loaded_models: [{ name: "llm", state: "loaded", holders: ["chat"] }],
      pending_loads: [{ model: "llm", holder: "enrichment", priority: "normal", position: 1, waited_ms: 9 }],
    },
  ]);
  await gateway.stop();
});
