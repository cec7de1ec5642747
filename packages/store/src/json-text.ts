import { keepable } from "./passages.ts";

/** A value as JSON that Postgres takes: its texts have no U+0000 and no half of a character. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_name, one) => (typeof one === "string" ? keepable(one) : one));
