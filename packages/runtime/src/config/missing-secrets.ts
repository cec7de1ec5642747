import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { childPath, type Fault } from "./configuration.ts";
import { isSecretRef, type SecretRef } from "./secret.ts";

/** All authorities that browsers trust are 250 KB. */
const MOST_BYTES = { "a secret": 65_536, "a file": 4_194_304 };

interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/**
 * Looks whether every secret and every file of certificates (`ca_file`) that the configuration names is there and not empty.
 * Names the place, never the content.
 */
export function missingSecrets(around: Surroundings): (config: object) => Fault[] {
  return (config) =>
    secretsIn(config, "").flatMap(({ path, ref, what }) => {
      const fault = faultOf(ref, { ...around, most_bytes: MOST_BYTES[what] });
      return fault === null ? [] : [{ path, message: `must name ${what} that is there: ${fault}` }];
    });
}

/** A file of the machine that a setting names, or a variable. */
interface Named {
  path: string;
  ref: SecretRef;
  what: "a secret" | "a file";
}

/** What others are told under this name is theirs: a map in it that looks like a secret is none. */
const OTHERS = "parameters";

/** A map that is nothing but `{ env: NAME }` or `{ file: PATH }`, wherever it stands. */
function secretsIn(value: unknown, path: string): Named[] {
  if (path.endsWith(".ca_file") && typeof value === "string") return [{ path, ref: { file: value }, what: "a file" }];
  if (typeof value !== "object" || value === null) return [];
  if (isSecretRef(value)) return [{ path, ref: value, what: "a secret" }];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => (key === OTHERS ? [] : secretsIn(inner, childPath(path, key))));
}

function faultOf(ref: SecretRef, { env, cwd, most_bytes }: Surroundings & { most_bytes: number }): string | null {
  if ("env" in ref) return env[ref.env]?.trim() ? null : `environment variable "${ref.env}" is missing or empty`;
  try {
    const path = resolve(cwd, ref.file);
    const { size } = statSync(path);
    if (size > most_bytes) return `file "${ref.file}" has more than ${most_bytes} bytes`;
    return readFileSync(path, "utf8").trim() ? null : `file "${ref.file}" is empty`;
  } catch (error) {
    return `file "${ref.file}" cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
}
