import { SchemaViolationError } from "./errors.ts";

/** Refuses text with U+0000 anywhere in a decoded value: databases cannot keep it. @throws {SchemaViolationError} */
export function assertNoNul(value: unknown, action: string, path = ""): void {
  if (typeof value === "string") {
    if (value.includes("\u0000"))
      throw new SchemaViolationError(`${action} as ${path || "it"} must be text without the character U+0000`, {
        facts: { path },
      });
    return;
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  const list = Array.isArray(value);
  for (const [key, field] of Object.entries(value)) {
    const below = list ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    assertNoNul(field, action, below);
  }
}
