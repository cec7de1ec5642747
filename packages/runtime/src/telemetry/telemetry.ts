import { AsyncLocalStorage } from "node:async_hooks";
import { type Metrics, startMetrics } from "./mesh-metrics.ts";
import { otlpSettings } from "./otlp-settings.ts";
import { type LiveSpan, NO_SPAN, type Span, type SpanAttributes, type SpanKind, type Tracer } from "./spans.ts";
import { extractTrace, type TraceContext, type TraceHeaders } from "./trace-context.ts";

interface SpanOptions {
  /** Whose step it is; by default the first service of the process. */
  service?: string;
  kind?: SpanKind;
  /** What came with the message: its trace goes on here. Without a trace in them a new one begins. Not given: the active one goes on. */
  parent?: TraceHeaders;
  attributes?: SpanAttributes;
}

/** Metrics and traces of one process. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Whether spans are made and sent. */
  readonly tracing: boolean;
  /** Runs one step as a span. When tracing is off, the step runs all the same, and a trace that came with it is passed on. */
  withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
  /** Adds the active trace, if there is one, to headers on their way out. Gives the same headers back. */
  injectTrace<H extends Record<string, string>>(headers: H): H;
  /** Where the running code stands in a trace. */
  activeTrace(): TraceContext | null;
  /** Sends what is left, at most 2 s. May be called again. */
  stop(): Promise<void>;
}

export interface TelemetryOptions {
  /** The services of this process: each is a resource of its own in traces. */
  service_names: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Is told once when spans can no longer be sent (the reason), and once when they can again (null). */
  onExport?: (fault: string | null) => void;
}

const STOP_MS = 2000;

/** Starts metrics, and tracing when `OTEL_EXPORTER_OTLP_ENDPOINT` is set: only then is OpenTelemetry loaded. @throws {ConfigError} */
export async function startTelemetry({ service_names, env, onExport }: TelemetryOptions): Promise<Telemetry> {
  const settings = otlpSettings(env);
  const tracer = settings && (await loadTracer())({ ...settings, onExport: onExport ?? (() => {}) });
  const metrics = startMetrics();
  const active = new AsyncLocalStorage<TraceContext | null>();
  const first = service_names[0] ?? "gatehouse";
  let stopped: Promise<void> | null = null;
  return {
    metrics,
    tracing: tracer !== null,
    withSpan: (name, options, work) =>
      tracer === null
        ? passOn(active, options, work)
        : traced(active, tracer, name, { ...options, service: options.service ?? first }, work),
    injectTrace(headers) {
      const trace = active.getStore();
      return trace ? Object.assign(headers, headersOf(trace)) : headers;
    },
    activeTrace: () => active.getStore() ?? null,
    stop() {
      stopped ??= (tracer?.stop(STOP_MS) ?? Promise.resolve()).finally(() => metrics.stop());
      return stopped;
    },
  };
}

const loadTracer = async () => (await import("./otlp-tracer.ts")).startOtlpTracer;

function headersOf({ traceparent, tracestate }: TraceContext): Record<string, string> {
  return tracestate === null ? { traceparent } : { traceparent, tracestate };
}

type Active = AsyncLocalStorage<TraceContext | null>;

function passOn<T>(active: Active, { parent }: SpanOptions, work: (span: Span) => T): T {
  if (parent === undefined) return work(NO_SPAN);
  const incoming = extractTrace(parent);
  if (incoming === null && !active.getStore()) return work(NO_SPAN);
  return active.run(incoming, work, NO_SPAN);
}

function traced<T>(
  active: Active,
  tracer: Tracer,
  name: string,
  { service, kind = "internal", parent, attributes = {} }: SpanOptions & { service: string },
  work: (span: Span) => T,
): T {
  const running = active.getStore() ?? null;
  const above = (parent === undefined ? running : extractTrace(parent)) ?? tracer.leaveOut();
  // What begins in a trace that nobody keeps is not kept either: no span is made, the trace is passed on.
  if (above?.sampled === false) return above === running ? work(NO_SPAN) : active.run(above, work, NO_SPAN);
  const span = tracer.start(name, { service, kind, parent: above, attributes });
  return active.run(span.context, () => {
    try {
      const result = work(span);
      if (result instanceof Promise) return endedWith(span, result) as T;
      span.end();
      return result;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  });
}

async function endedWith<T>(span: LiveSpan, result: Promise<T>): Promise<T> {
  try {
    const value = await result;
    span.end();
    return value;
  } catch (error) {
    span.end({ error });
    throw error;
  }
}
