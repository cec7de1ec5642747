import type { Picture } from "../detector/picture.ts";

/** A colour that fills a share of a picture. */
export interface MainColour {
  name: string;
  /** 0..1 */
  share: number;
}

/** sRGB of the colours that have a name here. */
const NAMED: readonly (readonly [name: string, r: number, g: number, b: number])[] = [
  ["black", 20, 20, 20],
  ["dark grey", 75, 75, 75],
  ["grey", 135, 135, 135],
  ["light grey", 190, 190, 190],
  ["white", 245, 245, 245],
  ["red", 190, 40, 40],
  ["orange", 225, 135, 45],
  ["yellow", 225, 215, 70],
  ["green", 60, 140, 60],
  ["dark green", 35, 75, 40],
  ["blue", 50, 80, 180],
  ["light blue", 140, 185, 230],
  ["purple", 125, 60, 150],
  ["brown", 110, 75, 45],
  ["beige", 205, 185, 150],
];
const MOST = 3;

/** The three colours that fill most of a picture, the most first. */
export function mainColours(picture: Picture): MainColour[] {
  const planes = NAMED.map(([name, r, g, b]) => {
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    return { name, y, u: 0.7 * (b - y), v: 0.9 * (r - y), count: 0 };
  });
  const { y, u, v } = picture;
  for (let at = 0; at < y.length; at++) {
    let nearest = planes[0]!;
    let least = Number.POSITIVE_INFINITY;
    for (const plane of planes) {
      const distance = (plane.y - y[at]!) ** 2 + (plane.u - u[at]!) ** 2 + (plane.v - v[at]!) ** 2;
      if (distance < least) [nearest, least] = [plane, distance];
    }
    nearest.count++;
  }
  return planes
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST)
    .map(({ name, count }) => ({ name, share: count / y.length }));
}
