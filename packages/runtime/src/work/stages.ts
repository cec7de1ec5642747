import type { HandlerContext } from "../service.ts";
import type { WorkShop } from "./work-shop.ts";

type StageParts = Pick<WorkShop, "service" | "telemetry" | "meters" | "onStage">;

/** Runs the steps of one flow: each timed, traced and told. */
export function stages({ service, telemetry, meters, onStage }: StageParts): HandlerContext["stage"] {
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

/** The same for a step that waits for nothing. Whoever runs it tells `onStage`. */
export function stageAtOnce<T>({ service, telemetry, meters }: StageParts, name: string, work: () => T): T {
  const began_ms = performance.now();
  try {
    return telemetry.withSpan(name, { service }, work);
  } finally {
    meters.stage(name, (performance.now() - began_ms) / 1_000);
  }
}
