import { SchemaViolationError } from "./errors.ts";

/** Refuses text with U+0000 anywhere in a decoded value: databases cannot keep it. @throws {SchemaViolationError} */
export function assertNoNul(value: unknown, action: string): void {
  const path = pathOfNul(value);
  if (path === null) return;
  const name = path.reduce<string>(
    (text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key),
    "",
  );
  throw new SchemaViolationError(`${action} as ${name || "it"} must be text without the character U+0000`, {
    facts: { path: name },
  });
}

/** Where the first such text is; built only when there is one. */
function pathOfNul(value: unknown): string[] | null {
  if (typeof value === "string") return value.includes("\u0000") ? [] : null;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return null;
  for (const key of Object.keys(value)) {
    const below = pathOfNul((value as Record<string, unknown>)[key]);
    if (below) return [key, ...below];
  }
  return null;
}
