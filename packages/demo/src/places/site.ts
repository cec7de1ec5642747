import type { Rgb } from "../draw/colour.ts";
import { blankPicture, type Picture, paint } from "../draw/picture.ts";
import { ellipse, type Fill, type Point, polygon, type Shape } from "../draw/shape.ts";
import { fraction } from "../random.ts";
import { type Place, project, scaleAt, type View } from "../view.ts";

/** Something that stands in a place and may hide what passes behind it. */
interface Prop {
  /** Metres from the camera. */
  z: number;
  shapes(at_ms: number): Shape[];
}

/** Where a camera hangs: what it sees when nobody is there. */
export interface Site {
  /** Scenes of one camera share a site. */
  name: string;
  view: View;
  /** All that never moves. Painted when first asked for, then kept: copy it before painting on it. */
  backdrop(): Picture;
  props: readonly Prop[];
  /** Written over the finished picture: bright at night too. */
  caption: readonly Shape[];
}

/** A piece of ground between corners in metres. */
export function ground(view: View, corners: readonly (readonly [x: number, z: number])[], fill: Fill): Shape {
  return polygon(
    corners.map(([x, z]) => project(view, { x, y: 0, z })),
    fill,
  );
}

/** A piece of ground between two sides and two distances in metres. */
export function plot(view: View, [x0, z0, x1, z1]: readonly [number, number, number, number], fill: Fill): Shape {
  return ground(
    view,
    [
      [x0, z0],
      [x1, z0],
      [x1, z1],
      [x0, z1],
    ],
    fill,
  );
}

/** A piece of a wall that faces the camera at `z`, between corners in metres. */
export function wall(view: View, z: number, corners: readonly (readonly [x: number, y: number])[], fill: Fill): Shape {
  return polygon(
    corners.map(([x, y]) => project(view, { x, y, z })),
    fill,
  );
}

/** An upright rectangle that faces the camera at `z`. */
export function panel(
  view: View,
  z: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  fill: Fill,
): Shape {
  return wall(
    view,
    z,
    [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ],
    fill,
  );
}

/** A window with a frame, a cross bar and a sky that mirrors in it. */
export function windowPane(
  view: View,
  z: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  frame: Rgb,
  glass: Rgb,
): Shape[] {
  const b = 0.07;
  const middle = (x0 + x1) / 2;
  return [
    panel(view, z, [x0 - b, y0 - b, x1 + b, y1 + b], { colour: frame }),
    panel(view, z, [x0, y0, middle - b / 3, y1], { colour: glass, shading: 0.8 }),
    panel(view, z, [middle + b / 3, y0, x1, y1], { colour: glass, shading: 0.8 }),
    panel(view, z, [x0 - 0.15, y0 - 0.16, x1 + 0.15, y0 - b], { colour: frame, shading: 0.3 }),
  ];
}

/** Where leaves are. */
export interface Foliage extends Place {
  /** How far they reach, in metres. */
  rx: number;
  ry: number;
  /** The size of one leaf. */
  leaf_m: number;
  count: number;
  seed: number;
  /** How far the wind moves them. Default 0. */
  sway_px?: number;
}

/** Leaves around a place in metres; they sway by `sway_px` in the wind. Same seed, same leaves. */
export function foliage(
  view: View,
  { x, y, z, rx, ry, leaf_m, count, seed, sway_px = 0 }: Foliage,
  colours: readonly Rgb[],
  at_ms = 0,
): Shape[] {
  const scale = scaleAt(view, z);
  return Array.from({ length: count }, (_, i) => {
    const angle = fraction(seed, i, 1) * 2 * Math.PI;
    const far = Math.sqrt(fraction(seed, i, 2));
    const at: Point = project(view, { x: x + Math.cos(angle) * far * rx, y: y + Math.sin(angle) * far * ry, z });
    const sway = sway_px * Math.sin(at_ms / 700 + fraction(seed, i, 3) * 6);
    const size = leaf_m * scale * (0.6 + 0.8 * fraction(seed, i, 4));
    const colour = colours[Math.floor(fraction(seed, i, 5) * colours.length)]!;
    return ellipse({ x: at.x + sway, y: at.y + sway * 0.4 }, size, size * 0.8, { colour, shading: 0.6 });
  });
}

/** Paints shapes in their order, when first asked, and keeps the picture. */
export function lazyBackdrop({ width, height }: View, shapes: () => readonly Shape[]): () => Picture {
  let kept: Picture | undefined;
  return () => {
    if (kept) return kept;
    kept = blankPicture(width, height);
    for (const shape of shapes()) paint(kept, shape);
    return kept;
  };
}
