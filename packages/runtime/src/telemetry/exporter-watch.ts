import type { SpanExporter } from "@opentelemetry/sdk-trace";

/** Is told when sending spans begins to fail (with the reason) and when it works again (null). */
export type OnExport = (fault: string | null) => void;

/** The same exporter, watched: only changes are told, so that a collector that is down is one line, not one per batch. */
export function watchExporter(exporter: SpanExporter, onChange: OnExport): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed !== failing) onChange(failed ? (result.error?.message ?? "unknown fault") : null);
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
