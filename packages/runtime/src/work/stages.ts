import type { HandlerContext } from "../service.ts";
import type { WorkShop } from "./work-shop.ts";

/** Runs the steps of one flow: each timed, traced and told. */
export function stages(shop: Pick<WorkShop, "service" | "metrics" | "tracing" | "onStage">): HandlerContext["stage"] {
  return async (name, work) => {
    const began_ms = performance.now();
    try {
      return await shop.tracing.withSpan(name, {}, async () => work());
    } finally {
      shop.metrics.stage(shop.service, name, (performance.now() - began_ms) / 1_000);
      await shop.onStage?.(name);
    }
  };
}
