import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { childPath, type Fault } from "./configuration.ts";
import { isSecretRef, type SecretRef } from "./secret.ts";

const MAX_SECRET_BYTES = 65_536;

interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Looks whether every secret that the configuration names is there and not empty. Names the place, never the content. */
export function missingSecrets(around: Surroundings): (config: object) => Fault[] {
  return (config) =>
    secretsIn(config, "").flatMap(({ path, ref }) => {
      const fault = faultOf(ref, around);
      return fault === null ? [] : [{ path, message: `must name a secret that is there: ${fault}` }];
    });
}

/** What others are told under this name is theirs: a map in it that looks like a secret is none. */
const OTHERS = "parameters";

/** A map that is nothing but `{ env: NAME }` or `{ file: PATH }`, wherever it stands. */
function secretsIn(value: unknown, path: string): { path: string; ref: SecretRef }[] {
  if (typeof value !== "object" || value === null) return [];
  if (isSecretRef(value)) return [{ path, ref: value }];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => (key === OTHERS ? [] : secretsIn(inner, childPath(path, key))));
}

function faultOf(ref: SecretRef, { env, cwd }: Surroundings): string | null {
  if ("env" in ref) return env[ref.env]?.trim() ? null : `environment variable "${ref.env}" is missing or empty`;
  try {
    const path = resolve(cwd, ref.file);
    const { size } = statSync(path);
    if (size > MAX_SECRET_BYTES) return `file "${ref.file}" has more than ${MAX_SECRET_BYTES} bytes`;
    return readFileSync(path, "utf8").trim() ? null : `file "${ref.file}" is empty`;
  } catch (error) {
    return `file "${ref.file}" cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
}
