import type { Rgb } from "./colour.ts";

/** A place in the picture in pixels; `x` to the right, `y` down, the first pixel's middle at 0.5. */
export interface Point {
  x: number;
  y: number;
}

/** What a shape is filled with. */
export interface Fill {
  colour: Rgb;
  /** How much lighter the upper left is than the lower right, 0 (flat) to 1. Default 0. */
  shading?: number;
  /** A factor on the colour at a pixel. */
  texture?: (x: number, y: number) => number;
}

/** An area with a soft edge of one pixel. */
export interface Shape extends Fill {
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Pixels from the edge: negative inside, about right near the edge. */
  distance(x: number, y: number): number;
}

/** A limb: a line from `a` to `b` whose thickness goes from radius `ra` to `rb`. */
export function capsule(a: Point, ra: number, b: Point, rb: number, fill: Fill): Shape {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy || 1e-9;
  return {
    ...fill,
    left: Math.min(a.x - ra, b.x - rb),
    top: Math.min(a.y - ra, b.y - rb),
    right: Math.max(a.x + ra, b.x + rb),
    bottom: Math.max(a.y + ra, b.y + rb),
    distance(x, y) {
      const t = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length2));
      return Math.hypot(x - a.x - t * dx, y - a.y - t * dy) - ra - (rb - ra) * t;
    },
  };
}

/** An upright ellipse. */
export function ellipse(centre: Point, rx: number, ry: number, fill: Fill): Shape {
  return {
    ...fill,
    left: centre.x - rx,
    top: centre.y - ry,
    right: centre.x + rx,
    bottom: centre.y + ry,
    distance(x, y) {
      const u = (x - centre.x) / rx;
      const v = (y - centre.y) / ry;
      const f = Math.hypot(u, v);
      return (f * (f - 1)) / (Math.hypot(u / rx, v / ry) || 1e-9);
    },
  };
}

/** A closed polygon, convex or not. */
export function polygon(points: readonly Point[], fill: Fill): Shape {
  return {
    ...fill,
    left: Math.min(...points.map((p) => p.x)),
    top: Math.min(...points.map((p) => p.y)),
    right: Math.max(...points.map((p) => p.x)),
    bottom: Math.max(...points.map((p) => p.y)),
    distance: (x, y) => distanceToPolygon(points, x, y),
  };
}

function distanceToPolygon(points: readonly Point[], x: number, y: number): number {
  let nearest2 = Number.POSITIVE_INFINITY;
  let inside = false;
  let a = points[points.length - 1]!;
  for (const b of points) {
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const t = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1e-9)));
    const d2 = (x - a.x - t * dx) ** 2 + (y - a.y - t * dy) ** 2;
    if (d2 < nearest2) nearest2 = d2;
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / dy) * dx) inside = !inside;
    a = b;
  }
  return inside ? -Math.sqrt(nearest2) : Math.sqrt(nearest2);
}
