/** Text on one line, at most so many characters, that databases take: no U+0000 and no half of a character, also where it is cut. */
export function oneLine(text: string, most: number): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .toWellFormed();
  return line.length > most ? `${line.slice(0, most - 3).replace(/[\ud800-\udbff]$/, "")}...` : line;
}
