import { BadSubjectError } from "./errors.ts";
import { isId } from "./ids.ts";

const PLACEHOLDER = /^\{(\w+)\}$/;

/** One token of an event's subject: a word, or the name of an id. */
interface Part {
  word: string;
  id: string | null;
}
const parts = new WeakMap<{ subject: string }, Part[]>();

/** The tokens of an event's subject, taken apart once. */
function partsOf(event: { subject: string }): Part[] {
  let known = parts.get(event);
  if (!known) {
    known = event.subject.split(".").map((word) => ({ word, id: PLACEHOLDER.exec(word)?.[1] ?? null }));
    parts.set(event, known);
  }
  return known;
}

/** The ids in a subject, or null when the subject is another event's: `camera.gate.frame` -> `{ camera_id: "gate" }`. */
export function matchSubject(event: { subject: string }, subject: string): Record<string, string> | null {
  const pattern = partsOf(event);
  const tokens = subject.split(".");
  if (pattern.length !== tokens.length) return null;
  const ids: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i++) {
    const { word, id } = pattern[i]!;
    if (id) ids[id] = tokens[i]!;
    else if (word !== tokens[i]) return null;
  }
  return ids;
}

/** The subject of one message: `subjectOf(cameraFrame, { camera_id: "gate" })`. @throws {BadSubjectError} */
export function subjectOf(event: { subject: string }, value: object): string {
  return partsOf(event)
    .map(({ word, id: name }) => {
      if (!name) return word;
      const id = (value as Record<string, unknown>)[name];
      if (typeof id !== "string" || !isId(id))
        throw new BadSubjectError(
          `Cannot build subject "${event.subject}" as ${name} must match [A-Za-z0-9_-]{1,64}: current value is ${JSON.stringify(id)}`,
        );
      return id;
    })
    .join(".");
}

/** The subject with a wildcard for every id: `camera.*.frame`. */
export function wildcardOf(event: { subject: string }): string {
  return event.subject.replace(/\{\w+\}/g, "*");
}

/** Whether a subject matches a bus pattern with `*` and `>`. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  for (const [i, part] of wanted.entries()) {
    if (part === ">") return tokens.length > i;
    if (tokens[i] === undefined || (part !== "*" && part !== tokens[i])) return false;
  }
  return wanted.length === tokens.length;
}

/** Whether every subject that `inner` can match is matched by `outer` as well. */
export function patternContains(outer: string, inner: string): boolean {
  const wide = outer.split(".");
  const narrow = inner.split(".");
  for (const [i, part] of wide.entries()) {
    const token = narrow[i];
    if (token === undefined) return false;
    if (part === ">") return true;
    if (token === ">" || (part !== "*" && part !== token)) return false;
  }
  return wide.length === narrow.length;
}

/** Whether some subject is matched by both patterns. */
export function patternsOverlap(a: string, b: string): boolean {
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; ; i++) {
    const l = left[i];
    const r = right[i];
    if (l === undefined || r === undefined) return l === r;
    if (l === ">" || r === ">") return true;
    if (l !== "*" && r !== "*" && l !== r) return false;
  }
}

const TOKEN = /^[^\s.*>\p{Cc}]+$/u;

/** Whether a text is a subject pattern that a broker would take: tokens, `*`, and `>` at the end only. At most 256 characters. */
export function isPattern(text: string): boolean {
  if (text.length === 0 || text.length > 256) return false;
  const tokens = text.split(".");
  return tokens.every((token, i) => token === "*" || TOKEN.test(token) || (token === ">" && i === tokens.length - 1));
}
