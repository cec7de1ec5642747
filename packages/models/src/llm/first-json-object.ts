/** How many places where an object might begin are tried before giving up: each costs a walk over the rest of the text. */
const MOST_TRIES = 64;

/**
 * Finds the first JSON object in a model's words: thinking (`<think>…</think>`, closed or not, its opening tag seen or not)
 * is passed over, and so are prose and code fences. Braces inside strings are no braces.
 */
export function firstJsonObject(words: string): object | undefined {
  const text = afterOrphanThinking(words);
  let from = 0;
  for (let tries = 0; tries < MOST_TRIES; ) {
    const place = nextPlace(text, from);
    if (place === undefined) return undefined;
    if (place.thinking) {
      from = endOfThinking(text, place.at);
      continue;
    }
    const object = objectAt(text, place.at);
    if (object) return object;
    from = place.at + 1;
    tries++;
  }
  return undefined;
}

/** Some servers put the opening tag into the prompt: then the answer holds the closing one only. */
function afterOrphanThinking(text: string): string {
  if (text.trimStart().startsWith("{")) return text;
  const closed = /<\/think(?:ing)?>/i.exec(text);
  const opened = /<think(?:ing)?>/i.exec(text);
  if (!closed || (opened && opened.index < closed.index)) return text;
  return text.slice(closed.index + closed[0].length);
}

function nextPlace(text: string, from: number): { at: number; thinking: boolean } | undefined {
  const opening = /\{|<think(?:ing)?>/gi;
  opening.lastIndex = from;
  const found = opening.exec(text);
  return found ? { at: found.index, thinking: found[0] !== "{" } : undefined;
}

function endOfThinking(text: string, from: number): number {
  const closing = /<\/think(?:ing)?>/gi;
  closing.lastIndex = from;
  return closing.exec(text) ? closing.lastIndex : text.length;
}

function objectAt(text: string, start: number): object | undefined {
  const end = endOfObject(text, start);
  if (end === undefined) return undefined;
  try {
    return JSON.parse(text.slice(start, end));
  } catch {
    return undefined;
  }
}

/** Where the object that begins at `start` ends: after the brace that matches. */
function endOfObject(text: string, start: number): number | undefined {
  const token = /"(?:[^"\\]|\\.)*"?|[{}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    if (found[0] === "{") depth++;
    else if (found[0] === "}" && --depth === 0) return token.lastIndex;
  }
  return undefined;
}
