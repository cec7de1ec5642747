import { readFileSync } from "node:fs";
import { ModelConfigError } from "../errors.ts";

/** Where a secret is found: an environment variable or a file. Never the secret itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/**
 * Reads a secret; white space around it is dropped.
 * @throws {ModelConfigError} when it is missing, empty or cannot stand in a header. The message never holds it.
 */
export function readSecret(ref: SecretRef): string {
  const secret = ("env" in ref ? process.env[ref.env] : readSecretFile(ref.file))?.trim();
  if (!secret) throw new ModelConfigError(`Cannot read ${place(ref)} as it must hold a secret: it is missing or empty`);
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw new ModelConfigError(`Cannot use ${place(ref)} as a secret must be printable ASCII without spaces`);
  return secret;
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new ModelConfigError(
      `Cannot read the secret file "${path}" as it must be readable: current value is "${code}"`,
      {
        cause,
      },
    );
  }
}

const place = (ref: SecretRef): string =>
  "env" in ref ? `the environment variable "${ref.env}"` : `the secret file "${ref.file}"`;
