import type { Colour, Paint } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";

/** One line of a log. */
export interface LogLine {
  /** Of the file it stands in. */
  file: string;
  service: string;
  /** Epoch ms; null when the line does not say. */
  time_ms: number | null;
  /** The fields, when it is a line of ours; null for a line of a server. */
  fields: Record<string, unknown> | null;
  raw: string;
}

const SHOWN = new Set(["time", "level", "service", "msg"]);
const COLOURS: Record<string, Colour> = { debug: "gray", warn: "yellow", error: "red" };

/** Reads a line of `<file>.log`: JSON of ours, or text of a server. */
export function readLogLine(file: string, raw: string): LogLine {
  try {
    const fields = JSON.parse(raw) as Record<string, unknown>;
    const time_ms = Date.parse(String(fields.time));
    return {
      file,
      service: String(fields.service ?? file),
      time_ms: Number.isNaN(time_ms) ? null : time_ms,
      fields,
      raw,
    };
  } catch {
    return { file, service: file, time_ms: null, fields: null, raw };
  }
}

/** `12:04:31 detection-ingest  frame detected  camera_id=gate infer_ms=41`. */
export function showLogLine({ service, time_ms, fields, raw }: LogLine, paint: Paint): string {
  if (!fields) return `${paint("dim", service)}  ${safeText(raw)}`;
  const time = time_ms === null ? "" : new Date(time_ms).toTimeString().slice(0, 8);
  const level = String(fields.level ?? "info");
  const rest = Object.entries(fields)
    .filter(([name]) => !SHOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = [service.padEnd(16), safeText(String(fields.msg ?? "")), safeText(rest.join(" "))].join("  ").trimEnd();
  return `${paint("dim", time)} ${paint(COLOURS[level] ?? "reset", text)}`;
}
