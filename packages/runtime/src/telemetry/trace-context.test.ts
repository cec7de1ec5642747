import { expect, test } from "vitest";
import { extractTrace } from "./trace-context.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

test("extractTrace() reads a trace context of this version and of later ones", () => {
  expect(extractTrace({ traceparent: `00-${trace}-${span}-01`, tracestate: "a=b" })).toEqual({
    trace_id: trace,
    span_id: span,
    sampled: true,
    traceparent: `00-${trace}-${span}-01`,
    tracestate: "a=b",
  });
  expect(extractTrace({ traceparent: `cc-${trace}-${span}-00-more` })).toMatchObject({
    sampled: false,
    tracestate: null,
  });
});

test("extractTrace() takes nothing from headers that are not well formed", () => {
  const bad = [
    `ff-${trace}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01\r\nx: y`,
    `cc-${trace}-${span}-00-${"x".repeat(500)}`,
    "",
  ];
  for (const traceparent of bad) expect(extractTrace({ traceparent }), traceparent).toBeNull();
  expect(extractTrace({ traceparent: [`00-${trace}-${span}-01`] })).toBeNull();
  expect(extractTrace({ traceparent: `00-${trace}-${span}-01`, tracestate: "x".repeat(513) })?.tracestate).toBeNull();
});
