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

/** Where placeholders stand in parameters, as JSON pointers: `/limits/1`. */
export function placesOf(parameters: unknown, at = ""): string[] {
  if (typeof parameters !== "object" || parameters === null) return placeholdersIn(parameters).length > 0 ? [at] : [];
  return Object.entries(parameters).flatMap(([name, inner]) =>
    placesOf(inner, `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
}

/**
 * Parameters with what an event says in the places of its fields. A placeholder that is the whole text keeps the type of its
 * field, and is null where the event has none; within a text objects are JSON and nothing is "". What an event says is never
 * read again: double braces that it makes, within it or with what stands beside it, are drawn apart, as engines would fill
 * them in.
 */
export function fillPlaceholders<T>(parameters: T, event: object): T {
  return replaceTexts(parameters, (text) => {
    const [whole] = text.matchAll(PLACEHOLDER);
    if (whole?.[0] === text) return apart(valueAt(event, whole[1]!) ?? null);
    return fillText(text, event);
  }) as T;
}

/** Braces that the owner wrote side by side stay so. */
function fillText(text: string, event: object): string {
  let filled = "";
  let at = 0;
  for (const { 0: whole, 1: name, index } of text.matchAll(PLACEHOLDER)) {
    filled = joined(filled, text.slice(at, index));
    filled = joined(filled, written(apart(valueAt(event, name!) ?? "")));
    at = index + whole.length;
  }
  return joined(filled, text.slice(at));
}

const joined = (before: string, after: string): string =>
  /\{\{$|\}\}$/.test(`${before.slice(-1)}${after.slice(0, 1)}`) ? `${before} ${after}` : `${before}${after}`;

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
