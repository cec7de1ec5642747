import type { BoundCounter, BoundHistogram } from "../telemetry/instruments.ts";
import type { Metrics } from "../telemetry/mesh-metrics.ts";

/** The instruments of one service, bound to their labels once: recording is cheap. */
export interface Meters {
  stage(name: string, seconds: number): void;
  settled(consumer: string, outcome: string): void;
  redelivered(consumer: string): void;
  dead(code: string): void;
}

export function createMeters(metrics: Metrics, service: string): Meters {
  const stages = new Map<string, BoundHistogram>();
  const settled = new Map<string, BoundCounter>();
  return {
    stage: (stage, seconds) =>
      bound(stages, stage, () => metrics.stage_seconds.bind({ service, stage })).record(seconds),
    settled: (consumer, outcome) =>
      bound(settled, `${consumer} ${outcome}`, () => metrics.messages_total.bind({ service, consumer, outcome })).add(),
    redelivered: (consumer) => metrics.redeliveries_total.bind({ service, consumer }).add(),
    dead: (code) => metrics.dead_letters_total.bind({ service, code }).add(),
  };
}

function bound<T>(known: Map<string, T>, key: string, bind: () => T): T {
  const found = known.get(key);
  if (found) return found;
  const made = bind();
  known.set(key, made);
  return made;
}
