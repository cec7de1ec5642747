import { randomFillSync } from "node:crypto";
import type { TraceContext } from "./trace-context.ts";

const TRACE_ID_BYTES = 16;
const BOTH_BYTES = 24;
const IDS_AT_ONCE = 128;

/**
 * Makes traces that nobody keeps. They have ids all the same, so that whoever comes after decides likewise.
 * Random bytes are fetched for many at once: one by one they cost more than the rest of a message's trace.
 */
export function unsampledTraces(): () => TraceContext {
  const pool = Buffer.alloc(IDS_AT_ONCE * BOTH_BYTES);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const trace_id = pool.toString("hex", at, at + TRACE_ID_BYTES);
    const span_id = pool.toString("hex", at + TRACE_ID_BYTES, at + BOTH_BYTES);
    at += BOTH_BYTES;
    return { trace_id, span_id, sampled: false, traceparent: `00-${trace_id}-${span_id}-00`, tracestate: null };
  };
}
