/** Names of fields whose values are secrets, wherever they are. */
const SECRET =
  /^(authorization|proxy[-_]authorization|(set[-_])?cookie|key|secret|token|passw(or)?d|passphrase|credentials?|.*[-_](key|secret|token|passw(or)?d))$|^(api|admin)key$/i;
const CREDENTIALS_IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/"'@?#]*@/gi;
const MAX_DEPTH = 8;
const HIDDEN = "[redacted]";

/** Hides secrets in the fields of a log line, by the name of the field, at any depth. What is clean comes back as it is. */
export type Redact = (fields: object) => object;

/** `also`: names of further fields that hold secrets. */
export function makeRedact(also: readonly string[]): Redact {
  const hides = rememberNames(new Set(also));
  return (fields) => redactObject(fields, hides, 0) as object;
}

type Hides = (name: string) => boolean;

/** Names repeat in every line: each is matched once. Bounded, as names may come from outside. */
function rememberNames(also: ReadonlySet<string>): Hides {
  const known = new Map<string, boolean>();
  return (name) => {
    let hidden = known.get(name);
    if (hidden === undefined) {
      hidden = also.has(name) || SECRET.test(name);
      if (known.size < 1000) known.set(name, hidden);
    }
    return hidden;
  };
}

/** Hides `user:password@` of every URL in a text. */
export function redactUrls(text: string): string {
  return text.includes("://") ? text.replace(CREDENTIALS_IN_URL, "$1***@") : text;
}

function redactObject(value: object, hides: Hides, depth: number): unknown {
  if (value instanceof Error || value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth > MAX_DEPTH) return "[too deep]";
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[name];
    const shown = redactValue(name, inner, hides, depth);
    if (shown === inner) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[name] = shown;
  }
  return copy ?? value;
}

function redactValue(name: string, value: unknown, hides: Hides, depth: number): unknown {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") return value;
  if (hides(name)) return HIDDEN;
  if (typeof value === "bigint") return String(value);
  return typeof value === "object" ? redactObject(value, hides, depth + 1) : value;
}
