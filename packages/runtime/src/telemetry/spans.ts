import type { TraceContext } from "./trace-context.ts";

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** A step that is traced, while it runs. */
export interface Span {
  /** Adds facts: ids, counts, outcomes. Never what somebody said. */
  set(attributes: SpanAttributes): void;
}

/** What makes spans. There is none when tracing is off. */
export interface Tracer {
  start(name: string, options: StartSpan): LiveSpan;
  /** Decides about a trace that begins: the context of one that is not kept, and costs no span; null when it is kept. */
  leaveOut(): TraceContext | null;
  /** Sends what is left, at most this long. */
  stop(most_ms: number): Promise<void>;
}
export interface StartSpan {
  service: string;
  kind: SpanKind;
  parent: TraceContext | null;
  attributes: SpanAttributes;
}
export interface LiveSpan extends Span {
  readonly context: TraceContext;
  end(thrown?: { error: unknown }): void;
}

/** The span of a step that nobody traces. */
export const NO_SPAN: Span = Object.freeze({ set() {} });
