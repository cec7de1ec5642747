import type { CardConfig } from "@gatehouse/models";
import { seeded } from "../../harness/random.ts";
import type { SimulatedModel } from "../../harness/simulated-gpu.ts";

const PRIORITIES = ["critical", "high", "normal", "low"] as const;

/** Twenty models of 200 to 3,500 MB on a budget of 8 GB: one resident, ten in two exclusive groups. They load at 20 MB/ms. */
export function cardOfTwenty(seed: number, url: string): CardConfig {
  const random = seeded(seed);
  const models = Array.from({ length: 20 }, (_, i) => ({
    name: `m${i}`,
    vram_mb: i === 0 ? 300 : 200 + Math.floor(random() ** 2 * 3_300),
    priority: PRIORITIES[i % 4]!,
    resident: i === 0,
    idle_unload_s: 300,
    ...(i > 9 ? { exclusive_group: i % 2 === 0 ? "even" : "odd" } : {}),
    load: { kind: "triton", url, timeout_ms: 30_000 } as const,
  }));
  return { id: "card-0", vram_mb: 8_692, reserved_mb: 500, models };
}

export const simulatedModels = ({ models }: CardConfig): SimulatedModel[] =>
  models.map(({ name, vram_mb }) => ({ name, vram_mb, load_ms: vram_mb / 20 }));
