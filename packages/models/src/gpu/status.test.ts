import { expect, test } from "vitest";
import { cardOf, leaseOf, onCard, stateOf, waiterFor } from "./card.fixture.ts";
import { cardStatus } from "./status.ts";

test("cardStatus() says what is used of what, who holds it, and who waits in which place", () => {
  const card = cardOf(
    { name: "det", vram_mb: 100, priority: "critical", resident: true },
    { name: "llm", vram_mb: 400 },
  );
  const state = stateOf({
    models: { det: onCard(100, { last_used_ms: 7 }), gone: onCard(150, { state: "unloading", fault: "no answer" }) },
    leases: [leaseOf("det", { holder: "ingest" }), leaseOf("det", { id: "2", holder: "voice" })],
    waiters: [waiterFor("llm", { id: "x", holder: "chat" }), waiterFor("llm", { id: "y", priority: 1, waited_ms: 9 })],
  });
  expect(cardStatus(card, state)).toEqual({
    card: "card-0",
    vram_budget_mb: 1_000,
    vram_used_mb: 250,
    vram_available_mb: 750,
    utilization: 0.25,
    loaded_models: [
      {
        name: "det",
        state: "loaded",
        vram_mb: 100,
        priority: "critical",
        resident: true,
        last_used_ms: 7,
        holders: ["ingest", "voice"],
        fault: null,
      },
      {
        name: "gone",
        state: "unloading",
        vram_mb: 150,
        priority: null,
        resident: false,
        last_used_ms: 0,
        holders: [],
        fault: "no answer",
      },
    ],
    pending_loads: [
      { model: "llm", holder: "h", priority: "high", position: 1, waited_ms: 9 },
      { model: "llm", holder: "chat", priority: "normal", position: 2, waited_ms: 0 },
    ],
  });
});
