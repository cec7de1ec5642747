import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { describeError } from "@gatehouse/errors";
import * as api from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import { type OnExport, watchExporter } from "./exporter-watch.ts";
import type { LiveSpan, SpanKind, StartSpan, Tracer } from "./spans.ts";
import type { TraceContext } from "./trace-context.ts";
import { unsampledTraces } from "./unsampled-traces.ts";

export interface OtlpOptions {
  /** Where spans are posted, as OTLP/HTTP JSON. */
  url: string;
  /** Share of new traces that are kept, 0..1. A trace that began elsewhere keeps what was decided there. */
  ratio: number;
  onExport: OnExport;
}

const KINDS: Record<SpanKind, api.SpanKind> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };
const EXPORT_TIMEOUT_MS = 5000;

/** Makes spans with OpenTelemetry's SDK and sends them in batches. At most 2048 wait; what is more is dropped. Nothing global is set. */
export function startOtlpTracer({ url, ratio, onExport }: OtlpOptions): Tracer {
  const agent = new (url.startsWith("https:") ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS, httpAgentOptions: () => agent });
  const processor = new BatchSpanProcessor({
    exporter: watchExporter(exporter, onExport),
    maxQueueSize: 2048,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  // Whether a new trace is kept was decided before its first span is made.
  const sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
  const unsampled = unsampledTraces();
  const tracers = new Map<string, api.Tracer>();
  const tracerOf = (service: string): api.Tracer => {
    const known = tracers.get(service);
    if (known) return known;
    const resource = resourceFromAttributes({ "service.name": service, "process.pid": process.pid });
    const spanLimits = { attributeValueLengthLimit: 512, attributeCountLimit: 32 };
    const made = new TracerProvider({ resource, sampler, spanLimits, spanProcessors: [processor] }).getTracer(
      "gatehouse",
    );
    tracers.set(service, made);
    return made;
  };
  return {
    leaveOut: () => (Math.random() < ratio ? null : unsampled()),
    start: (name, options) => startSpan(tracerOf(options.service), name, options),
    async stop(most_ms) {
      const late = setTimeout(() => agent.destroy(), most_ms);
      await Promise.race([processor.shutdown().catch(() => {}), aborted(AbortSignal.timeout(most_ms))]);
      clearTimeout(late);
      agent.destroy();
    },
  };
}

function startSpan(tracer: api.Tracer, name: string, { kind, parent, attributes }: StartSpan): LiveSpan {
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parentContext(parent));
  return {
    context: contextOf(span.spanContext()),
    set: (more) => void span.setAttributes(more),
    end(thrown) {
      if (thrown) {
        const { code } = describeError(thrown.error);
        span.setStatus({ code: api.SpanStatusCode.ERROR, message: code }).setAttribute("error.type", code);
      }
      span.end();
    },
  };
}

function parentContext(parent: TraceContext | null): api.Context {
  if (parent === null) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId: parent.trace_id,
    spanId: parent.span_id,
    traceFlags: parent.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
    isRemote: true,
    ...(parent.tracestate === null ? {} : { traceState: api.createTraceState(parent.tracestate) }),
  });
}

function contextOf({ traceId, spanId, traceFlags, traceState }: api.SpanContext): TraceContext {
  const flags = (traceFlags & 0xff).toString(16).padStart(2, "0");
  return {
    trace_id: traceId,
    span_id: spanId,
    sampled: (traceFlags & 1) === 1,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    tracestate: traceState?.serialize() || null,
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
