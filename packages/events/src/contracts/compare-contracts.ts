import type { Contracts } from "./contracts.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A narrower limit refuses what was promised to be taken: the keyword, and whether `now` is narrower than `was`. */
const LIMITS: [keyword: string, narrower: (was: number | undefined, now: number) => boolean][] = [
  ["minimum", (was, now) => was === undefined || now > was],
  ["minLength", (was, now) => now > (was ?? 0)],
  ["minItems", (was, now) => now > (was ?? 0)],
  ["maximum", (was, now) => was === undefined || now < was],
  ["maxLength", (was, now) => was === undefined || now < was],
  ["maxItems", (was, now) => was === undefined || now < was],
];

/**
 * What in the new contracts breaks the old ones, one sentence each; empty when none does.
 * Allowed are new events, new optional fields (or with a default), new words, wider limits and other descriptions.
 */
export function compareContracts(old: Contracts, now: Contracts): string[] {
  return Object.entries(old).flatMap(([subject, { schema }]) => {
    const current = now[subject];
    if (!current) return [`${subject}: the event was removed; keep it, others still publish or read it`];
    return compareSchemas(schema, current.schema, "").map((breach) => `${subject}: ${breach}`);
  });
}

function compareSchemas(was: JsonSchema, now: JsonSchema, path: string): string[] {
  const [typeBefore, typeNow] = [typeOf(was), typeOf(now)];
  if (typeBefore !== typeNow) return [`${path || "the body"} was retyped: ${typeBefore} became ${typeNow}`];
  return [
    ...compareWords(was, now, path),
    ...compareLimits(was, now, path),
    ...compareFields(was, now, path),
    ...(was.items && now.items ? compareSchemas(was.items, now.items, `${path}[]`) : []),
    ...(was.anyOf ?? []).flatMap((one, i) => compareSchemas(one, now.anyOf![i]!, path)),
  ];
}

function typeOf({ type, anyOf, contentEncoding }: JsonSchema): string {
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  return contentEncoding ? `${contentEncoding} bytes` : (type ?? "anything");
}

function compareWords(was: JsonSchema, now: JsonSchema, path: string): string[] {
  if (!now.enum) return [];
  if (!was.enum) return [`${path} now takes only ${now.enum.join(", ")}`];
  const lost = was.enum.filter((word) => !now.enum!.includes(word));
  return lost.map((word) => `${path} lost the word "${word}"`);
}

function compareLimits(was: JsonSchema, now: JsonSchema, path: string): string[] {
  const breaches = LIMITS.flatMap(([keyword, narrower]) => {
    const [before, after] = [was[keyword] as number | undefined, now[keyword] as number | undefined];
    if (after === undefined || after === before || !narrower(before, after)) return [];
    return [`${path} has a narrower ${keyword}: ${before ?? "none"} became ${after}`];
  });
  if (now.pattern !== undefined && now.pattern !== was.pattern)
    breaches.push(`${path} has another pattern: ${was.pattern ?? "none"} became ${now.pattern}`);
  if (was.default !== undefined && JSON.stringify(was.default) !== JSON.stringify(now.default))
    breaches.push(`${path} has another default: ${JSON.stringify(was.default)} became ${JSON.stringify(now.default)}`);
  return breaches;
}

function compareFields(was: JsonSchema, now: JsonSchema, path: string): string[] {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const kept = Object.entries(was.properties ?? {}).flatMap(([name, field]) => {
    const current = now.properties?.[name];
    if (!current) return [`${at(name)} was removed or renamed`];
    const [needed, needs] = [was.required?.includes(name) ?? false, now.required?.includes(name) ?? false];
    const made = needed === needs ? [] : [`${at(name)} was made ${needs ? "required" : "optional"}`];
    return [...made, ...compareSchemas(field, current, at(name))];
  });
  const added = Object.keys(now.properties ?? {}).filter((name) => !was.properties || !(name in was.properties));
  const needed = added.filter((name) => now.required?.includes(name) && now.properties![name]!.default === undefined);
  return [...kept, ...needed.map((name) => `${at(name)} is new and required: only optional fields are added`)];
}
