import { oneLine } from "./one-line.ts";

/** The longest part of a server's own explanation that an error shows, in characters. */
const MOST = 300;

/** What a server says went wrong, from any of the usual error bodies, on one line. Empty when it says nothing. */
export function serverWords(body: string): string {
  return oneLine(fromJson(body) ?? body, MOST);
}

function fromJson(body: string): string | undefined {
  try {
    return wordsOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** OpenAI and most others: `error` or `error.message`; FastAPI: `detail`, or a list of places and messages (not the input it echoes). */
function wordsOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.slice(0, 10).map(wordsOf).filter(Boolean).join("; ");
  if (typeof value !== "object" || value === null) return undefined;
  const { error, message, detail, msg, loc } = value as Record<string, unknown>;
  if (typeof msg === "string") return Array.isArray(loc) ? `${loc.join(".")}: ${msg}` : msg;
  return wordsOf(error ?? message ?? detail);
}
