/** Numbers of a text's vector. */
export const textDimensions = 384;

/** Lengths of the pieces of words that are counted. */
const SHORTEST = 3;
const LONGEST = 5;

/**
 * Describes a text by the pieces of its words (3 to 5 characters, the word's ends marked) as a unit vector: each piece adds
 * to or takes from one number, chosen by its hash (feature hashing); a piece that comes often adds less each time.
 */
export function embedText(text: string): Float32Array {
  const counts = new Map<string, number>();
  for (const word of text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [])
    for (const piece of pieces(`<${word}>`)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  if (counts.size === 0) counts.set(text, 1);
  const vector = new Float32Array(textDimensions);
  for (const [piece, count] of counts) {
    const hash = fnv1a(piece);
    const at = hash % textDimensions;
    vector[at] = vector[at]! + (hash & 0x80000000 ? -1 : 1) * (1 + Math.log(count));
  }
  return scaled(vector);
}

function* pieces(word: string): Generator<string> {
  const letters = [...word];
  for (let length = SHORTEST; length <= LONGEST; length++)
    for (let from = 0; from + length <= letters.length; from++) yield letters.slice(from, from + length).join("");
}

/** FNV-1a, 32 bits, over UTF-16 units, its bits mixed once more as their low ones alone are uneven. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Of length 1. Pieces that took each other out wholly leave the first number. */
function scaled(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (length === 0) return vector.fill(1, 0, 1);
  return vector.map((value) => value / length);
}
