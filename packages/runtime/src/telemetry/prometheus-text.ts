import type { HrTime } from "@opentelemetry/api";
import type { MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { HistogramCell, Metric } from "./instruments.ts";

/** Shows metrics as OpenTelemetry's serializer writes them. It is loaded here, by whoever asks first. */
export async function prometheusText(metrics: readonly Metric[], started_at_ms: number): Promise<string> {
  const [{ PrometheusSerializer }, sdk, { emptyResource }] = await Promise.all([
    import("@opentelemetry/exporter-prometheus"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/resources"),
  ]);
  const times = { startTime: hrTime(started_at_ms), endTime: hrTime(Date.now()) };
  const shown = metrics.map((metric) => metricData(metric, times, sdk)).filter((data) => data.dataPoints.length > 0);
  const resourceMetrics: ResourceMetrics = {
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: "gatehouse" }, metrics: shown }],
  };
  return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
}

type Sdk = typeof import("@opentelemetry/sdk-metrics");
interface Times {
  startTime: HrTime;
  endTime: HrTime;
}

function metricData({ kind, options, series }: Metric, times: Times, sdk: Sdk): MetricData {
  const { name, unit, description } = options;
  const base = {
    descriptor: { name, unit, description, valueType: 1 },
    aggregationTemporality: sdk.AggregationTemporality.CUMULATIVE,
  };
  const { DataPointType } = sdk;
  if (kind === "histogram") {
    const dataPoints = [...series].map(({ labels, cell }) => ({
      ...times,
      attributes: labels,
      value: histogram(cell),
    }));
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = [...series].map(({ labels, cell }) => ({ ...times, attributes: labels, value: cell.value }));
  if (kind === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

const histogram = ({ count, sum, bounds, counts }: HistogramCell) => ({
  count,
  sum,
  buckets: { boundaries: [...bounds], counts: [...counts] },
});

const hrTime = (epoch_ms: number): HrTime => [Math.floor(epoch_ms / 1000), (epoch_ms % 1000) * 1_000_000];
