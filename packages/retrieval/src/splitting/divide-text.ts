/** Where a text may be parted, the best first: lines, sentences, words. */
const JOINTS = [/\n+/g, /(?<=[.!?…。！？])\s*(?=\P{Ll})/gu, /\s+/g];

/** Parts a text into pieces of at most so many characters, at its lines, sentences or words, else anywhere. Loses nothing but white space. */
export function divideText(text: string, most: number, joints: readonly RegExp[] = JOINTS): string[] {
  if (text.length <= most) return [text];
  const [joint, ...finer] = joints;
  if (!joint) return cut(text, most);
  const pieces: string[] = [];
  let from = 0;
  let to = 0;
  const take = (until: number) => {
    const piece = text.slice(from, until).trim();
    if (piece !== "") pieces.push(...divideText(piece, most, finer));
    from = until;
  };
  for (const { index } of text.matchAll(joint)) {
    if (index - from > most && to > from) take(to);
    if (index - from > most) take(index);
    to = index;
  }
  if (text.length - from > most && to > from) take(to);
  take(text.length);
  return pieces;
}

/** Never between the two halves of a character. */
function cut(text: string, most: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + most, text.length);
    const at = end < text.length && /[\ud800-\udbff]/.test(text[end - 1]!) && end - from > 1 ? end - 1 : end;
    pieces.push(text.slice(from, at));
    from = at;
  }
  return pieces;
}

/** The last sentences or words of a text, of at most so many characters. */
export function tailOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = text.slice(-most);
  const sentence = /[.!?…。！？\n]\s*(?=\P{Ll})/u.exec(tail.slice(0, -1));
  if (sentence && sentence.index + sentence[0].length < tail.length / 2)
    return tail.slice(sentence.index + sentence[0].length).trim();
  const word = tail.search(/\s/);
  return (word < 0 ? tail : tail.slice(word)).trim().toWellFormed();
}
