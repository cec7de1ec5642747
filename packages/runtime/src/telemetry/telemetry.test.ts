import { defineError } from "@gatehouse/errors";
import { expect, onTestFinished, test } from "vitest";
import { otlpSink } from "./otlp-sink.fixture.ts";
import { startTelemetry, type TelemetryOptions } from "./telemetry.ts";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function setup(env: NodeJS.ProcessEnv = {}, options: Partial<TelemetryOptions> = {}) {
  const telemetry = await startTelemetry({ service_names: ["detection-ingest", "enrichment"], env, ...options });
  onTestFinished(() => telemetry.stop());
  return telemetry;
}

test("withSpan() makes one trace over a header hop between two services", async () => {
  const sink = await otlpSink();
  const { withSpan, injectTrace, stop } = await setup({ OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.url}/` });
  const headers: Record<string, string> = {};
  await withSpan(
    "detect frame",
    { kind: "consumer", parent: { traceparent: PARENT, tracestate: "a=b" } },
    async (span) => {
      span.set({ camera_id: "gate", boxes: 2 });
      await withSpan("publish", { kind: "producer" }, async () => injectTrace(headers));
    },
  );
  await withSpan("enrich", { service: "enrichment", kind: "consumer", parent: headers }, async () => {});
  await stop();

  expect(sink.paths).toEqual(["/v1/traces"]);
  const named = (name: string) => sink.spans.find((span) => span.name === name)!;
  expect(new Set(sink.spans.map((span) => span.traceId))).toEqual(new Set([PARENT.split("-")[1]]));
  expect(named("detect frame")).toMatchObject({
    service: "detection-ingest",
    parentSpanId: PARENT.split("-")[2],
    kind: 5,
  });
  expect(named("detect frame").attributes).toMatchObject({ camera_id: "gate", boxes: 2 });
  expect(named("publish").parentSpanId).toBe(named("detect frame").spanId);
  expect(headers).toEqual({
    traceparent: `00-${named("publish").traceId}-${named("publish").spanId}-01`,
    tracestate: "a=b",
  });
  expect(named("enrich")).toMatchObject({ service: "enrichment", parentSpanId: named("publish").spanId });
});

test("withSpan() marks a span whose work failed with the error's code, and throws it on", async () => {
  const sink = await otlpSink();
  const { withSpan, stop } = await setup({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.url}/own` });
  const BusyError = defineError("MODEL_BUSY", "later");
  await expect(withSpan("infer", {}, () => Promise.reject(new BusyError("said: hello")))).rejects.toThrow(BusyError);
  expect(() =>
    withSpan("decode", {}, () => {
      throw new TypeError("x is not a function");
    }),
  ).toThrow(TypeError);
  await stop();
  expect(sink.paths).toEqual(["/own"]);
  expect(sink.spans.map(({ name, status }) => [name, status.message])).toEqual([
    ["infer", "MODEL_BUSY"],
    ["decode", "INTERNAL"],
  ]);
  expect(JSON.stringify(sink.spans)).not.toContain("hello");
});

test("a trace that nobody samples is passed on as such, and not sent", async () => {
  const sink = await otlpSink();
  const { withSpan, injectTrace, stop } = await setup({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER_ARG: "0",
  });
  expect(withSpan("new", {}, () => injectTrace({}))).toEqual({ traceparent: expect.stringMatching(/-00$/) });
  withSpan("sampled elsewhere", { parent: { traceparent: PARENT } }, () => {});
  await stop();
  expect(sink.spans.map((span) => span.name)).toEqual(["sampled elsewhere"]);
});

test("withSpan() passes an incoming trace on when tracing is off, through awaits, and begins none", async () => {
  const { withSpan, injectTrace, activeTrace, tracing } = await setup();
  expect(tracing).toBe(false);
  expect(withSpan("alone", { parent: {} }, () => injectTrace({}))).toEqual({});
  const passed = await withSpan("handle", { parent: { traceparent: PARENT } }, async () => {
    await Promise.resolve();
    return withSpan("publish", {}, () => injectTrace({ "Nats-Msg-Id": "f-81" }));
  });
  expect(passed).toEqual({ "Nats-Msg-Id": "f-81", traceparent: PARENT });
  const other = await withSpan("handle", { parent: { traceparent: PARENT } }, async () =>
    withSpan("next message", { parent: {} }, () => activeTrace()),
  );
  expect(other).toBeNull();
});

test("stop() gives up on a collector that does not answer", async () => {
  const sink = await otlpSink({ silent: true });
  const { withSpan, stop } = await setup({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  withSpan("lost", {}, () => {});
  await stop();
  expect(sink.spans.map((span) => span.name)).toEqual(["lost"]);
});

test("onExport is told once when spans cannot be sent", async () => {
  const sink = await otlpSink({ status: 400 });
  const told: (string | null)[] = [];
  const { withSpan, stop } = await setup(
    { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url },
    { onExport: (fault) => told.push(fault) },
  );
  withSpan("refused", {}, () => {});
  await stop();
  expect(told).toEqual([expect.stringContaining("Bad Request")]);
});

test("startTelemetry() refuses a URL and a share that are none, without showing the URL", async () => {
  await expect(setup({ OTEL_EXPORTER_OTLP_ENDPOINT: "me:secret@host" })).rejects.toThrow(
    "Cannot start tracing as OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL",
  );
  await expect(setup({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://h", OTEL_TRACES_SAMPLER_ARG: "2" })).rejects.toThrow(
    'OTEL_TRACES_SAMPLER_ARG must be 0..1: current value is "2"',
  );
});
