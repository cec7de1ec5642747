import { type TSchema, type TUnsafe, Type } from "@sinclair/typebox";

/** Where a secret is kept. The configuration never holds the secret itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const reference = (field: "env" | "file", description: string) => ({
  type: "object",
  properties: { [field]: { type: "string", description } },
  required: [field],
  additionalProperties: false,
});

/** Schema of a setting that names a secret: `{ env: NAME }` or `{ file: PATH }`. Text is refused and not shown. */
export const Secret = (description: string): TUnsafe<SecretRef> =>
  Type.Unsafe<SecretRef>({
    description,
    secret: true,
    oneOf: [
      reference("env", "Name of an environment variable"),
      reference("file", "Path of a file, from the working folder"),
    ],
  });

export const isSecret = (schema: TSchema): boolean => schema.secret === true;

/** Whether this is a reference, and nothing but one. */
export function isSecretRef(value: unknown): value is SecretRef {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  if (entries.length !== 1) return false;
  const [field, text] = entries[0]!;
  if (typeof text !== "string" || text === "") return false;
  return field === "env" ? VARIABLE.test(text) : field === "file" && !text.includes("\n");
}
