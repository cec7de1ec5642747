import type { Counter, Gauge, Histogram } from "./instruments.ts";
import { createMetrics, type MetricsRegistry } from "./metrics.ts";
import { measureProcess } from "./process-metrics.ts";

/** What every service of a process is measured by, and what a service adds of its own. */
export interface Metrics extends MetricsRegistry {
  /** Stages: queue, decode, infer, persist, publish, total. */
  readonly stage_seconds: Histogram<"service" | "stage">;
  /** Outcomes are those of the settle table: ack, retry, later, dead, … */
  readonly messages_total: Counter<"service" | "consumer" | "outcome">;
  readonly redeliveries_total: Counter<"service" | "consumer">;
  readonly dead_letters_total: Counter<"service" | "code">;
  readonly in_flight: Gauge<"service" | "consumer">;
  stop(): void;
}

/** The metrics of one process. */
export function startMetrics(): Metrics {
  const registry = createMetrics();
  const end = measureProcess(registry);
  return {
    ...registry,
    stage_seconds: registry.histogram({
      name: "gatehouse_stage_seconds",
      unit: "s",
      description: "How long one step of handling a message took",
      labels: ["service", "stage"],
    }),
    messages_total: registry.counter({
      name: "gatehouse_messages_total",
      unit: "{message}",
      description: "Messages settled, by outcome",
      labels: ["service", "consumer", "outcome"],
    }),
    redeliveries_total: registry.counter({
      name: "gatehouse_redeliveries_total",
      unit: "{message}",
      description: "Messages that were delivered again",
      labels: ["service", "consumer"],
    }),
    dead_letters_total: registry.counter({
      name: "gatehouse_dead_letters_total",
      unit: "{message}",
      description: "Messages that were given up",
      labels: ["service", "code"],
    }),
    in_flight: registry.gauge({
      name: "gatehouse_in_flight",
      unit: "{message}",
      description: "Messages that are being handled now",
      labels: ["service", "consumer"],
    }),
    stop: end,
  };
}
