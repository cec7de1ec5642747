import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChatSource } from "@gatehouse/events";
import type { Paint } from "./paint.ts";
import { safeText, shorten } from "./safe-text.ts";

export interface Drawing {
  paint: Paint;
  columns: number;
  /** Files are named as seen from here. */
  cwd: string;
}

type Passage = Pick<ChatSource, "id" | "uri" | "text">;

const MOST_LINES = 8;
/** Paths on the gateway. */
const EVENT = "/api/events/";
const ANSWER = "/api/chat/answers/";

/** `[1] notes/gate.md  Gate code: ask Ada` or `[2] event gate.f-7  Friday, 20 November 2026 at 19:30  …`, a line for each. */
export function sourceLines(sources: readonly Passage[], drawing: Drawing): string[] {
  return sources.map((source, at) => {
    const head = headOf(source, at, drawing);
    const beginning = shorten(beginningOf(source), Math.max(0, drawing.columns - head.width - 2));
    return `${head.text}  ${drawing.paint("dim", beginning)}`.trimEnd();
  });
}

/** Passages, each with its place, how well it fits, and the words that were read. */
export function passageTexts(passages: readonly (Passage & { score: number })[], drawing: Drawing): string[] {
  const width = Math.max(20, drawing.columns - 8);
  return passages.flatMap((passage, at) => {
    const head = `${headOf(passage, at, drawing).text}  ${drawing.paint("dim", passage.score.toFixed(2))}`;
    const lines = passage.text.split("\n").flatMap((line) => wrap(safeText(line), width));
    const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"] : lines;
    return [head, ...shown.map((line) => `      ${line}`)];
  });
}

function headOf({ id, uri }: Passage, at: number, { paint, cwd }: Drawing): { text: string; width: number } {
  const mark = `[${at + 1}]`;
  const place = safeText(uri ? placeOf(uri, cwd) : id);
  return { text: `  ${paint("cyan", mark)} ${place}`, width: mark.length + place.length + 3 };
}

/** The first words; of an event first of all when it was, as its text says it. */
function beginningOf({ uri, text }: Passage): string {
  const lines = text.trim().split("\n").map(safeText);
  const time = uri?.startsWith(EVENT) && / on (\w+, \d+ \w+ \d+ at \d\d:\d\d)/.exec(lines[0]!)?.[1];
  return time ? `${time}  ${lines[2] ?? ""}`.trimEnd() : lines[0]!;
}

/** `event gate.f-7`, `an earlier conversation`, a file below this folder by its path from here, all else by its whole URI. */
export function placeOf(uri: string, cwd: string): string {
  if (uri.startsWith(EVENT)) return `event ${uri.slice(EVENT.length)}`;
  if (uri.startsWith(ANSWER)) return "an earlier conversation";
  if (!uri.startsWith("file:///")) return uri;
  const path = relative(cwd, fileURLToPath(uri));
  return path === "" || path.startsWith("..") || isAbsolute(path) ? fileURLToPath(uri) : path;
}

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
