import { type Labels, SeriesMap } from "./series.ts";

/** What a metric is: names end in their unit (`_seconds`, `_bytes`, `_total`). */
export interface MetricOptions<L extends string> {
  name: string;
  /** UCUM: `s`, `By`, `{message}`. */
  unit: string;
  description: string;
  labels: readonly L[];
}

/** Counts up. Ignores what is negative or no number. */
export interface Counter<L extends string = string> {
  /** The one series with these labels: bind once, add often (a few nanoseconds). */
  bind(labels: Labels<L>): BoundCounter;
}
export interface BoundCounter {
  add(more?: number): void;
}

/** A value that goes up and down. */
export interface Gauge<L extends string = string> {
  bind(labels: Labels<L>): BoundGauge;
}
interface BoundGauge {
  set(value: number): void;
  add(more: number): void;
}

/** How values are spread over buckets. */
export interface Histogram<L extends string = string> {
  bind(labels: Labels<L>): BoundHistogram;
}
export interface BoundHistogram {
  record(value: number): void;
}

class CounterCell implements BoundCounter {
  value = 0;
  add(more = 1): void {
    if (more >= 0) this.value += more;
  }
}

class GaugeCell implements BoundGauge {
  value = 0;
  set(value: number): void {
    if (!Number.isNaN(value)) this.value = value;
  }
  add(more: number): void {
    this.set(this.value + more);
  }
}

export class HistogramCell implements BoundHistogram {
  readonly bounds: readonly number[];
  /** One more than bounds: the last is what lies above all of them. */
  readonly counts: number[];
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  record(value: number): void {
    if (!Number.isFinite(value)) return;
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.counts[bucket]! += 1;
    this.count += 1;
    this.sum += value;
  }
}

/** One metric with its series, as `Metrics` keeps it. */
export type Metric =
  | { kind: "counter"; options: MetricOptions<string>; series: SeriesMap<string, CounterCell> }
  | { kind: "gauge"; options: MetricOptions<string>; series: SeriesMap<string, GaugeCell> }
  | { kind: "histogram"; options: MetricOptions<string>; series: SeriesMap<string, HistogramCell> };

export function makeMetric(kind: Metric["kind"], options: MetricOptions<string>, bounds: readonly number[]): Metric {
  switch (kind) {
    case "counter":
      return { kind, options, series: new SeriesMap(options.labels, () => new CounterCell()) };
    case "gauge":
      return { kind, options, series: new SeriesMap(options.labels, () => new GaugeCell()) };
    case "histogram":
      return { kind, options, series: new SeriesMap(options.labels, () => new HistogramCell(bounds)) };
  }
}
