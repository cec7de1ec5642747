/** The known name that was probably meant: at most a third of its letters differ. */
export function nearestName(seen: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    if (Math.abs(name.length - seen.length) > name.length) continue;
    const steps = distance(seen.slice(0, 64).toLowerCase(), name.toLowerCase());
    if (steps < least && steps <= Math.max(1, Math.ceil(name.length / 3))) [best, least] = [name, steps];
  }
  return best;
}

/** How many letters must be added, removed or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = before[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(change, before[column]! + 1, now[column - 1]! + 1));
    }
    before = now;
  }
  return before[b.length]!;
}
