import type { HandlerContext } from "../service.ts";
import type { WorkShop } from "./work-shop.ts";

/** Runs the steps of one flow: each timed, traced and told. */
export function stages({
  service,
  telemetry,
  meters,
  onStage,
}: Pick<WorkShop, "service" | "telemetry" | "meters" | "onStage">): HandlerContext["stage"] {
  return async (name, work) => {
    const began_ms = performance.now();
    try {
      return telemetry.tracing ? await telemetry.withSpan(name, { service }, async () => work()) : await work();
    } finally {
      meters.stage(name, (performance.now() - began_ms) / 1_000);
      if (onStage) await onStage(name);
    }
  };
}
