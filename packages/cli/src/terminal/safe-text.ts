// What a terminal would obey or turn around: control characters and marks of direction.
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Text of others, as one line that a terminal only shows. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, " ").trim();
}

/** Text of others that keeps its lines and tabs. */
export function safeLines(text: string): string {
  return text.replace(UNSAFE, (unsafe) => unsafe.replace(/[^\n\t]/g, ""));
}

/** At most `width` characters; what is cut off ends in "…". */
export function shorten(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join("")}…`;
}
