import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as a collector got it. */
export interface SinkSpan {
  service: string;
  trace_id: string;
  span_id: string;
  parent_id: string | null;
  name: string;
}

/** A real OTLP/HTTP collector that keeps the spans it is sent. */
export interface OtlpSink {
  url: string;
  readonly spans: SinkSpan[];
  stop(): Promise<void>;
}

interface Pair {
  key: string;
  value: { stringValue?: string };
}
interface Body {
  resourceSpans: {
    resource: { attributes: Pair[] };
    scopeSpans: { spans: { traceId: string; spanId: string; parentSpanId?: string; name: string }[] }[];
  }[];
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const spans: SinkSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString()) as Body));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function spansOf({ resourceSpans }: Body): SinkSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
    const spans = scopeSpans.flatMap((scope) => scope.spans);
    return spans.map(({ traceId, spanId, parentSpanId, name }) => ({
      service,
      trace_id: traceId,
      span_id: spanId,
      parent_id: parentSpanId || null,
      name,
    }));
  });
}
