const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** How many rows a text takes that was written from the first column on; null where that cannot be known: it has tabs. */
export function rowsOf(text: string, columns: number): number | null {
  if (text.includes("\t")) return null;
  return text.split("\n").reduce((rows, line) => rows + rowsOfLine(line, columns), 0);
}

function rowsOfLine(line: string, columns: number): number {
  let rows = 1;
  let at = 0;
  for (const letter of line) {
    if (/\p{M}|\u200d/u.test(letter)) continue;
    const width = WIDE.test(letter) ? 2 : 1;
    if (at + width > columns) {
      rows++;
      at = 0;
    }
    at += width;
  }
  return rows;
}
