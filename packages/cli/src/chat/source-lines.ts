import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChatSource } from "@gatehouse/events";
import type { Paint } from "../terminal/paint.ts";
import { safeText, shorten } from "../terminal/safe-text.ts";

export interface Drawing {
  paint: Paint;
  columns: number;
  /** Files are named as seen from here. */
  cwd: string;
}

const MOST_LINES = 8;

/** `[1] notes/gate.md  Gate code: ask Ada` or `[2] front-door.e-7  Security event at camera …`, one line for each. */
export function sourceLines(sources: readonly Pick<ChatSource, "id" | "uri" | "text">[], drawing: Drawing): string[] {
  const { paint, columns, cwd } = drawing;
  return sources.map(({ id, uri, text }, at) => {
    const mark = `[${at + 1}]`;
    const place = safeText(uri ? placeOf(uri, cwd) : id);
    const rest = Math.max(0, columns - mark.length - place.length - 6);
    return `  ${paint("cyan", mark)} ${place}  ${paint("dim", shorten(firstLine(text), rest))}`.trimEnd();
  });
}

/** Passages, each with its place, how well it fits, and the words that were read. */
export function passageTexts(
  passages: readonly Pick<ChatSource, "id" | "uri" | "text" | "score">[],
  { paint, columns, cwd }: Drawing,
): string[] {
  const width = Math.max(20, columns - 8);
  return passages.flatMap(({ id, uri, text, score }, at) => {
    const head = `  ${paint("cyan", `[${at + 1}]`)} ${safeText(uri ? placeOf(uri, cwd) : id)}  ${paint("dim", score.toFixed(2))}`;
    const lines = text.split("\n").flatMap((line) => wrap(safeText(line), width));
    const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"] : lines;
    return [head, ...shown.map((line) => `      ${line}`)];
  });
}

/** A file below the folder that we are in goes by its path from there; everything else by its whole URI. */
export function placeOf(uri: string, cwd: string): string {
  if (!uri.startsWith("file:///")) return uri;
  const path = relative(cwd, fileURLToPath(uri));
  return path === "" || path.startsWith("..") || isAbsolute(path) ? fileURLToPath(uri) : path;
}

const firstLine = (text: string): string => safeText(text.trimStart().split("\n", 1)[0] ?? "");

/** Breaks a line between its words. */
function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
