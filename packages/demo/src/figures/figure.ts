import type { Fill } from "../draw/shape.ts";
import type { Pose } from "../path.ts";

/** A place on a body in metres: forward, sideways (to its right) and up from the ground between its feet. */
export interface Spot {
  f: number;
  s: number;
  u: number;
}

/** A piece of a body. */
export type Part =
  | { kind: "limb"; a: Spot; ra: number; b: Spot; rb: number; fill: Fill }
  | { kind: "ball"; at: Spot; half_width: number; half_height: number; fill: Fill }
  | { kind: "plate"; corners: readonly Spot[]; fill: Fill };

/** What a person would call it. */
export type Label = "person" | "car" | "truck" | "dog" | "cat";

/** Something that can be in a scene. */
export interface Figure {
  label: Label;
  /** The pieces in a pose. */
  parts(pose: Pose): Part[];
  /** True when far pieces are to be painted first; false when `parts` is in order already. */
  sort_by_depth: boolean;
  /** Half the size of its shadow in metres. */
  shadow: { half_f: number; half_s: number };
}

/** A spot by its three measures. */
export function spot(f: number, s: number, u: number): Spot {
  return { f, s, u };
}

/** A shaded limb. */
export function limb(a: Spot, ra: number, b: Spot, rb: number, fill: Fill): Part {
  return { kind: "limb", a, ra, b, rb, fill: { shading: 0.35, ...fill } };
}

/** A shaded ball or egg. */
export function ball(at: Spot, half_width: number, half_height: number, fill: Fill): Part {
  return { kind: "ball", at, half_width, half_height, fill: { shading: 0.35, ...fill } };
}

/** A flat piece. */
export function plate(corners: readonly Spot[], fill: Fill): Part {
  return { kind: "plate", corners, fill };
}
