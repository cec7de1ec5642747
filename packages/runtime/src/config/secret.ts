import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type TSchema, type TUnsafe, Type } from "@sinclair/typebox";
import { ConfigError } from "../errors.ts";

/** Where a secret is kept. The configuration never holds the secret itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_SECRET_BYTES = 65_536;

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

/**
 * Reads a secret from where the configuration says it is; the line end after it is not part of it.
 * @throws {ConfigError} when it is not there or empty. The message names the place, never the content.
 */
export function readSecret(ref: SecretRef, { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): string {
  const place = "env" in ref ? `environment variable "${ref.env}"` : `file "${ref.file}"`;
  const secret = "env" in ref ? (env[ref.env] ?? "") : readSecretFile(resolve(cwd, ref.file), place);
  const content = secret.replace(/\r?\n$/, "");
  if (content === "") throw new ConfigError(`Cannot read secret as ${place} is missing or empty`);
  return content;
}

function readSecretFile(path: string, place: string): string {
  try {
    const { size } = statSync(path);
    if (size <= MAX_SECRET_BYTES) return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(`Cannot read secret as ${place} cannot be read`, { cause });
  }
  throw new ConfigError(`Cannot read secret as ${place} must be at most ${MAX_SECRET_BYTES} bytes`);
}
