import type { CardStatus, ModelOnCard } from "@gatehouse/models";
import { expect, test } from "vitest";
import { cardLines } from "./card-lines.ts";

const plain = (_colour: unknown, text: string): string => text;
const model = (name: string, vram_mb: number, own: Partial<ModelOnCard> = {}): ModelOnCard => ({
  name,
  vram_mb,
  state: "loaded",
  priority: "normal",
  resident: false,
  last_used_ms: 0,
  holders: [],
  fault: null,
  ...own,
});
const card: CardStatus = {
  card: "gpu-0",
  vram_budget_mb: 24_000,
  vram_used_mb: 16_850,
  vram_available_mb: 7_150,
  utilization: 16_850 / 24_000,
  loaded_models: [
    model("yolo", 650, { priority: "critical", resident: true, holders: ["detection-ingest.a-1"] }),
    model("qwen3", 14_700, { holders: ["enrichment.a-1", "chat.b-2"] }),
    model("florence", 1_500, { state: "unloading", fault: "no\u001b[31m answer" }),
  ],
  pending_loads: [{ model: "clip", holder: "enrichment.a-1", priority: "low", position: 1, waited_ms: 12_345 }],
};

test("cardLines() draws what is taken to scale, with a cell for the smallest, and says who holds and who waits", () => {
  expect(cardLines(card, plain, 50)).toEqual([
    "gpu-0  16,850 MB of 24,000 MB used (70 %), 7,150 MB free",
    `  ${"█".repeat(28)}${"░".repeat(2)}█${"·".repeat(15)}`,
    "  █ qwen3     14,700 MB  loaded     normal    held by enrichment.…",
    "  ░ florence   1,500 MB  unloading  normal    not held; no [31m a…",
    "  █ yolo         650 MB  loaded     resident  held by detection-i…",
    "  1. enrichment.a-1 waits for clip (low, 12 s)",
  ]);
});

test("cardLines() of a card on which nothing is draws all of it free", () => {
  const empty = {
    ...card,
    vram_used_mb: 0,
    vram_available_mb: 24_000,
    utilization: 0,
    loaded_models: [],
    pending_loads: [],
  };
  expect(cardLines(empty, plain, 24)).toEqual([
    "gpu-0  0 MB of 24,000 MB used (0 %), 24,000 MB free",
    `  ${"·".repeat(20)}`,
  ]);
});
