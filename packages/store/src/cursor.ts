import { BadCursorError } from "./errors.ts";

/** One page of a list. `next_cursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The sort key of a list's last row, as text that means nothing to others. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** Reads a cursor: a number, then as many texts as wanted. @throws {BadCursorError} */
export function decodeCursor(cursor: string, texts: number): (string | number)[] {
  const key = parse(cursor);
  const fits =
    Array.isArray(key) &&
    key.length === texts + 1 &&
    Number.isSafeInteger(key[0]) &&
    key.slice(1).every((part) => typeof part === "string");
  if (!fits) throw new BadCursorError(`Cannot go on at a cursor that no list gave out: current value is "${cursor}"`);
  return key;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null;
  }
}

/** A page from at most `limit` + 1 rows: the one too many only tells that there is more. */
export function toPage<T>(rows: T[], limit: number, keyOf: (row: T) => readonly (string | number)[]): Page<T> {
  const items = rows.slice(0, limit);
  return { items, next_cursor: rows.length > limit ? encodeCursor(keyOf(items.at(-1)!)) : null };
}
