import {
  type Counter,
  type Gauge,
  type Histogram,
  type Metric,
  type MetricOptions,
  makeMetric,
} from "./instruments.ts";
import { prometheusText } from "./prometheus-text.ts";

/** Seconds, from a cached answer to a hung model server. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const NAME = /^[a-z][a-z0-9_]{0,127}$/;

/** Makes metrics and shows them. One per process; asking twice for one name gives the same metric. */
export interface MetricsRegistry {
  counter<L extends string>(options: MetricOptions<L>): Counter<L>;
  gauge<L extends string>(options: MetricOptions<L>): Gauge<L>;
  /** `bounds`: ascending upper bounds of the buckets; without them those for seconds. */
  histogram<L extends string>(options: MetricOptions<L> & { bounds?: readonly number[] }): Histogram<L>;
  /** Is called before metrics are shown, to set gauges. Returns what ends it. */
  beforeShown(update: () => void): () => void;
  /** All metrics in the Prometheus text format 0.0.4. */
  text(): Promise<string>;
}

/**
 * Keeps metrics as plain numbers, because the SDK's own instruments hash their attributes at every record (0.85 us here,
 * against a few ns) and take 0.1 s and 24 MB to load. What is shown goes through OpenTelemetry's data model and its
 * serializer, loaded when somebody first asks.
 */
export function createMetrics(): MetricsRegistry {
  const metrics = new Map<string, Metric>();
  const updates = new Set<() => void>();
  const started_at_ms = Date.now();

  const metric = (kind: Metric["kind"], options: MetricOptions<string>, bounds: readonly number[] = SECONDS) => {
    const known = metrics.get(options.name);
    if (known === undefined) {
      if (!NAME.test(options.name))
        throw new TypeError(`Cannot make metric "${options.name}" as its name must match ${NAME}`);
      const made = makeMetric(kind, options, bounds);
      metrics.set(options.name, made);
      return made.series;
    }
    if (known.kind !== kind || known.options.labels.join() !== options.labels.join())
      throw new TypeError(
        `Cannot make metric "${options.name}" as it is already a ${known.kind} of (${known.options.labels})`,
      );
    return known.series;
  };

  return {
    counter: (options) => boundBy(metric("counter", options)) as Counter,
    gauge: (options) => boundBy(metric("gauge", options)) as Gauge,
    histogram: ({ bounds, ...options }) => boundBy(metric("histogram", options, bounds)) as Histogram,
    beforeShown(update) {
      updates.add(update);
      return () => updates.delete(update);
    },
    text() {
      for (const update of updates) update();
      return prometheusText([...metrics.values()], started_at_ms);
    },
  };
}

function boundBy(series: Metric["series"]): { bind(labels: Readonly<Record<string, string>>): unknown } {
  return { bind: (labels) => series.of(labels) };
}
