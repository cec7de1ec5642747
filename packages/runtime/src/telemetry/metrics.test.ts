import { expect, onTestFinished, test } from "vitest";
import { startMetrics } from "./mesh-metrics.ts";
import { createMetrics } from "./metrics.ts";

/** Reads the Prometheus text format, strictly: every sample is of a metric that was declared before it. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) types.set(type[1]!, type[2]!);
    if (line.startsWith("#")) continue;
    const sample =
      /^([a-z_][a-z0-9_]*)(\{[a-z_]+="(?:[^"\\\n]|\\.)*"(?:,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? ([-+]?[\d.e+-]+|NaN|[+-]Inf)$/.exec(
        line,
      );
    if (!sample) throw new Error(`Cannot read metrics as a line must be a sample: ${line}`);
    const family = sample[1]!.replace(/_(bucket|sum|count)$/, "");
    if (!types.has(sample[1]!) && types.get(family) !== "histogram") throw new Error(`Cannot find the type of ${line}`);
    samples.set(`${sample[1]}${sample[2] ?? ""}`, Number(sample[3]));
  }
  return samples;
}

test("startMetrics() shows the metrics of the mesh and of the process", async () => {
  const metrics = startMetrics();
  onTestFinished(metrics.stop);
  metrics.stage_seconds.bind({ service: "voice", stage: "infer" }).record(0.04);
  metrics.stage_seconds.bind({ service: "voice", stage: "infer" }).record(7);
  metrics.messages_total.bind({ service: "voice", consumer: "voice-in", outcome: "ack" }).add();
  metrics.dead_letters_total.bind({ service: "voice", code: 'A"\\B\n' }).add(2);
  const flight = metrics.in_flight.bind({ service: "voice", consumer: "voice-in" });
  flight.add(3);
  flight.add(-1);

  const samples = parse(await metrics.text());
  const stage = 'service="voice",stage="infer"';
  expect(samples.get(`gatehouse_stage_seconds_count{${stage}}`)).toBe(2);
  expect(samples.get(`gatehouse_stage_seconds_sum{${stage}}`)).toBeCloseTo(7.04);
  expect(samples.get(`gatehouse_stage_seconds_bucket{${stage},le="0.025"}`)).toBe(0);
  expect(samples.get(`gatehouse_stage_seconds_bucket{${stage},le="0.05"}`)).toBe(1);
  expect(samples.get(`gatehouse_stage_seconds_bucket{${stage},le="+Inf"}`)).toBe(2);
  expect(samples.get('gatehouse_messages_total{service="voice",consumer="voice-in",outcome="ack"}')).toBe(1);
  expect(samples.get('gatehouse_dead_letters_total{service="voice",code="A\\"\\\\B\\n"}')).toBe(2);
  expect(samples.get('gatehouse_in_flight{service="voice",consumer="voice-in"}')).toBe(2);
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
  expect(samples.get("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(samples.get("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0);
});

test("a bucket holds what is at most its bound", async () => {
  const metrics = createMetrics();
  const sizes = metrics
    .histogram({ name: "batch_size", unit: "1", description: "Boxes", labels: [], bounds: [1, 5] })
    .bind({});
  for (const value of [1, 5, 6, Number.NaN, Number.POSITIVE_INFINITY]) sizes.record(value);
  const samples = parse(await metrics.text());
  expect(['{le="1"}', '{le="5"}', '{le="+Inf"}'].map((le) => samples.get(`batch_size_bucket${le}`))).toEqual([1, 2, 3]);
});

test("one metric keeps at most 1000 series and counts the rest together", async () => {
  const metrics = createMetrics();
  const seen = metrics.counter({ name: "seen_total", unit: "1", description: "Seen", labels: ["code"] });
  for (let index = 0; index < 1500; index++) seen.bind({ code: `c${index}` }).add();
  const samples = parse(await metrics.text());
  expect(samples.size).toBe(1001);
  expect(samples.get('seen_total{code="other"}')).toBe(500);
});

test("a counter never goes down, and a name means one metric", () => {
  const metrics = createMetrics();
  const options = { name: "seen_total", unit: "1", description: "Seen", labels: ["code"] };
  const seen = metrics.counter(options).bind({ code: "a" });
  seen.add(-5);
  expect(seen).toMatchObject({ value: 0 });
  expect(metrics.counter(options).bind({ code: "a" })).toBe(seen);
  expect(() => metrics.gauge(options)).toThrow('Cannot make metric "seen_total" as it is already a counter of (code)');
  expect(() => metrics.gauge({ ...options, name: "Seen-total" })).toThrow("as its name must match");
});
