/** Mixes numbers into 32 well-spread bits: the same numbers always give the same bits. */
export function hash32(a: number, b = 0, c = 0): number {
  let h = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul(b | 0, 0x85ebca6b) ^ Math.imul(c | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `hash32` as a fraction, 0 up to but not 1. */
export function fraction(a: number, b = 0, c = 0): number {
  return hash32(a, b, c) / 0x1_0000_0000;
}

/** The bits of a word: lets a name take part in a seed. */
export function hashText(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = hash32(h, text.charCodeAt(i), i);
  return h;
}

/** Smooth noise, 0..1, one bump per unit of `x` and `y`. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const tx = (x - x0) ** 2 * (3 - 2 * (x - x0));
  const ty = (y - y0) ** 2 * (3 - 2 * (y - y0));
  const top = fraction(x0, y0, seed) * (1 - tx) + fraction(x0 + 1, y0, seed) * tx;
  const bottom = fraction(x0, y0 + 1, seed) * (1 - tx) + fraction(x0 + 1, y0 + 1, seed) * tx;
  return top * (1 - ty) + bottom * ty;
}
