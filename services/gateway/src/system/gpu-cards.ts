import { type CardStatus, readCardStatus } from "@gatehouse/models";
import { createLeaseStore } from "@gatehouse/runtime";
import type { Deps } from "../deps.ts";

/** How the configured graphics cards are: what is on them, who holds it, who waits. */
export function gpuCards({ bus, config }: Pick<Deps, "bus" | "config">): Promise<CardStatus[]> {
  const store = createLeaseStore(bus);
  return Promise.all(config.gpu.cards.map((card) => readCardStatus(card, store)));
}
