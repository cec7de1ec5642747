import type { Rgb } from "../draw/colour.ts";
import { polygon, type Shape } from "../draw/shape.ts";

/** Five dots wide, seven high. */
const letters: Record<string, readonly string[]> = {
  S: [".####", "#....", "#....", ".###.", "....#", "....#", "####."],
  I: ["###", ".#.", ".#.", ".#.", ".#.", ".#.", "###"],
  M: ["#...#", "##.##", "#.#.#", "#.#.#", "#...#", "#...#", "#...#"],
  U: ["#...#", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."],
  L: ["#....", "#....", "#....", "#....", "#....", "#....", "#####"],
  A: [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
  T: ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."],
  E: ["#####", "#....", "#....", "####.", "#....", "#....", "#####"],
  D: ["####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."],
};

/** The word SIMULATED in the upper left corner, `dot_px` pixels per dot: no picture may pass for a real one. */
export function caption(ink: Rgb, paper: Rgb, dot_px: number): Shape[] {
  const shapes: Shape[] = [];
  let left = 4;
  for (const letter of "SIMULATED") {
    const rows = letters[letter]!;
    rows.forEach((row, y) => {
      for (let x = 0; x < row.length; x++) if (row[x] === "#") shapes.push(dot(left + x, 3 + y, dot_px, ink));
    });
    left += rows[0]!.length + 1;
  }
  return [box(2, 1, left + 1, 12, dot_px, paper), ...shapes];
}

function dot(x: number, y: number, size: number, colour: Rgb): Shape {
  return box(x, y, x + 1, y + 1, size, colour);
}

function box(x0: number, y0: number, x1: number, y1: number, size: number, colour: Rgb): Shape {
  const at = (x: number, y: number) => ({ x: x * size, y: y * size });
  return polygon([at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)], { colour });
}
