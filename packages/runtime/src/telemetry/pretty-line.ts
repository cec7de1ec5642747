const COLOURS: Record<string, string> = { debug: "\u001b[90m", warn: "\u001b[33m", error: "\u001b[31m" };
const PLAIN = "\u001b[0m";
const UNSHOWN = new Set(["time", "level", "service", "msg", "err", "trace_id", "span_id"]);
const MAX_VALUE_CHARS = 120;
// What a terminal would obey: C0 is escaped by JSON.stringify, DEL and C1 are not, nor are marks that turn text around.
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A JSON log line for people: `12:04:31 detection-ingest  frame detected  camera_id=gate infer_ms=41`. */
export function prettyLine(json: string, colours: boolean): string {
  const line = JSON.parse(json) as Record<string, unknown>;
  const level = String(line.level);
  const fields = Object.entries(line)
    .filter(([name]) => !UNSHOWN.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  const fault = faultOf(line.err);
  const text = [
    `${clock(String(line.time))} ${safe(String(line.service)).padEnd(16)}`,
    [level === "info" ? "" : level, safe(String(line.msg ?? ""))].filter(Boolean).join(": "),
    [...fields, ...fault].join(" "),
  ].join("  ");
  const colour = colours ? COLOURS[level] : undefined;
  return `${colour ? `${colour}${text.trimEnd()}${PLAIN}` : text.trimEnd()}\n`;
}

function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

function faultOf(err: unknown): string[] {
  const message = (err as { message?: unknown } | undefined)?.message;
  return message === undefined ? [] : [`error=${shown(message)}`];
}

/** Text without blanks as it is, everything else as JSON. */
function shown(value: unknown): string {
  const text = typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);
  return safe(text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS - 1)}…` : text);
}

const safe = (text: string): string =>
  text.replace(UNSAFE, "?").replace(/[^\P{Cc}]/gu, (char) => JSON.stringify(char).slice(1, -1));
