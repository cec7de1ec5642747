import { ConfigError } from "../errors.ts";

/** Where spans go and how many, or null: tracing is off. */
export interface OtlpSettings {
  url: string;
  ratio: number;
}

/**
 * Reads the variables of OpenTelemetry: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (as it is) or `OTEL_EXPORTER_OTLP_ENDPOINT`
 * (`/v1/traces` is added), `OTEL_TRACES_SAMPLER_ARG` (default 1), `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER=none`.
 * The exporter itself reads `OTEL_EXPORTER_OTLP_HEADERS`.
 * @throws {ConfigError} for a URL or a share that is none. The URL is not shown: it may carry credentials.
 */
export function otlpSettings(env: NodeJS.ProcessEnv): OtlpSettings | null {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  const written = own || base;
  if (!written || env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none") return null;
  const name = own ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT";
  if (!URL.canParse(written) || !/^https?:$/.test(new URL(written).protocol))
    throw new ConfigError(`Cannot start tracing as ${name} must be an http or https URL`);
  const url = own ? written : `${written.replace(/\/+$/, "")}/v1/traces`;
  return { url, ratio: ratioOf(env.OTEL_TRACES_SAMPLER_ARG?.trim() || "1") };
}

function ratioOf(text: string): number {
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new ConfigError(`Cannot start tracing as OTEL_TRACES_SAMPLER_ARG must be 0..1: current value is "${text}"`);
}
