/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;
const ACCENTS = /[\u0300-\u036f]/g;
const NO_WORD = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The words of a text as they are kept and asked for, in any language: lower case, without accents and punctuation (so that
 * `gatehouse.yaml` is found as `gatehouse`), scripts without spaces as overlapping pairs of characters.
 */
export function searchWords(text: string): string {
  return text
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(UNSPACED, (run) => ` ${pairs([...run]).join(" ")} `)
    .replace(NO_WORD, " ")
    .trim();
}

function pairs(characters: string[]): string[] {
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, at) => characters[at]! + character);
}
