/** Splits text into tokens: a piece of at most 12 characters with the white space before it. Joined they are the text. */
export function tokenize(text: string): string[] {
  return text.match(/\s*[^\s]{1,12}|\s+$/gu) ?? [];
}

/** Cuts the text before the first stop sequence. */
export function cutAtStop(text: string, stops: string[]): { text: string; stopped: boolean } {
  const ends = stops
    .filter((stop) => stop !== "")
    .map((stop) => text.indexOf(stop))
    .filter((at) => at >= 0);
  return ends.length === 0 ? { text, stopped: false } : { text: text.slice(0, Math.min(...ends)), stopped: true };
}

/**
 * What is left of an answer after a text that was already said of it: all that follows when the answer begins with it,
 * else what follows the longest end of the said text that the answer contains; nothing when the answer was said whole.
 */
export function continueFrom(full: string, said: string): string {
  if (full.startsWith(said)) return full.slice(said.length);
  for (let length = Math.min(said.length, full.length); length >= 8; length--) {
    const at = full.indexOf(said.slice(-length));
    if (at >= 0) return full.slice(at + length);
  }
  return /\s$/.test(said) || said === "" ? full : ` ${full}`;
}
