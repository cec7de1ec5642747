/** How many places where an object might begin are tried before giving up. */
const MOST_TRIES = 64;
/** How many characters are walked over in all tries: one whose brace is never closed costs the rest of the text. */
const MOST_WALKED = 4 * 1024 * 1024;

/**
 * Finds the first JSON object in a model's words: thinking (`<think>…</think>`, closed or not, its opening tag seen or not)
 * is passed over, and so are prose and code fences. Braces inside strings are no braces.
 */
export function firstJsonObject(words: string): object | undefined {
  const text = afterOrphanThinking(words);
  let from = 0;
  let walked = 0;
  for (let tries = 0; tries < MOST_TRIES && walked < MOST_WALKED; ) {
    const place = nextPlace(text, from);
    if (place === undefined) return undefined;
    if (place.thinking) {
      from = endOfThinking(text, place.at);
      continue;
    }
    const end = endOfObject(text, place.at);
    const object = end === undefined ? undefined : parsed(text.slice(place.at, end));
    if (object) return object;
    walked += (end ?? text.length) - place.at;
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

function parsed(words: string): object | undefined {
  try {
    return JSON.parse(words);
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
