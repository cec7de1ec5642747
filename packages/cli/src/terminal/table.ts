import type { Paint } from "./paint.ts";
import { safeText } from "./safe-text.ts";

/** Rows under a head, each column as wide as its widest text; the last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const clean = rows.map((row) => row.map(safeText));
  const widths = head.map((name, i) => Math.max(name.length, ...clean.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [paint("dim", line(head)), ...clean.map(line)].map((text) => `${text}\n`).join("");
}
