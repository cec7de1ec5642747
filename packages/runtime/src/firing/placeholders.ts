import { valueAt } from "./event-fields.ts";

/** `{risk.level}`; what stands in double braces is the engine's own. */
const PLACEHOLDER = /(?<!\{)\{([a-z][\w-]*(?:\.[\w-]+)*)\}(?!\})/gi;

/** The fields that a join's parameters name, each once: `{ id: "{event_id}" }` names `event_id`. */
export function placeholdersIn(parameters: unknown): string[] {
  const names = new Set<string>();
  replaceTexts(parameters, (text) => {
    for (const [, name] of text.matchAll(PLACEHOLDER)) names.add(name!);
    return text;
  });
  return [...names];
}

/**
 * Parameters with what an event says in the places of its fields. A placeholder that is the whole text keeps the type of its
 * field, and is null where the event has none; within a text objects are JSON and nothing is "". What an event says is never
 * read again: double braces in it, which engines would fill in, are drawn apart.
 */
export function fillPlaceholders<T>(parameters: T, event: object): T {
  return replaceTexts(parameters, (text) => {
    const [whole] = text.matchAll(PLACEHOLDER);
    if (whole?.[0] === text) return apart(valueAt(event, whole[1]!) ?? null);
    return text.replace(PLACEHOLDER, (_, name: string) => written(apart(valueAt(event, name) ?? "")));
  }) as T;
}

function replaceTexts(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((entry) => replaceTexts(entry, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaceTexts(inner, replace)]));
}

/** Blanks between braces change nothing of JSON but what is within its texts. */
const apart = (value: unknown): unknown => JSON.parse(apartIn(JSON.stringify(value)));

const apartIn = (text: string): string => text.replace(/\{(?=\{)|\}(?=\})/g, "$& ");

const written = (value: unknown): string => (typeof value === "string" ? value : apartIn(JSON.stringify(value)));
