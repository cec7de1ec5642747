/** Where work stands in a trace: the W3C trace context of one span. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly trace_id: string;
  /** 16 hex digits. */
  readonly span_id: string;
  readonly sampled: boolean;
  /** As it goes on: unchanged when it came from outside and nobody here traces. */
  readonly traceparent: string;
  readonly tracestate: string | null;
}

/** Headers of a message, or of an HTTP request as Node gives them. Names in lower case. */
export type TraceHeaders = Readonly<Record<string, string | string[] | undefined>>;

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** The least that the W3C recommendation asks everybody to pass on. */
const MAX_TRACESTATE_CHARS = 512;

/** The trace context in these headers, or null when there is none or it is not well formed (https://www.w3.org/TR/trace-context/). */
export function extractTrace(headers: TraceHeaders): TraceContext | null {
  const traceparent = headers.traceparent;
  if (typeof traceparent !== "string") return null;
  const match = TRACEPARENT.exec(traceparent);
  if (match === null || traceparent.length > 256 || (match[4] && traceparent.startsWith("00"))) return null;
  const state = typeof headers.tracestate === "string" ? headers.tracestate : null;
  return {
    trace_id: match[1]!,
    span_id: match[2]!,
    sampled: (Number.parseInt(match[3]!, 16) & 1) === 1,
    traceparent,
    tracestate: state !== null && state.length <= MAX_TRACESTATE_CHARS ? state : null,
  };
}
