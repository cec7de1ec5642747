import type { Point } from "./draw/shape.ts";

/** A camera that looks straight ahead over flat ground. */
export interface View {
  width: number;
  height: number;
  /** The row of pixels at the height of the camera. */
  horizon_px: number;
  /** Pixels per metre at one metre's distance. */
  focal_px: number;
  camera_height_m: number;
}

/** A place in metres: `x` right of the camera, `y` above the ground, `z` away from the camera. */
export interface Place {
  x: number;
  y: number;
  z: number;
}

/** Pixels per metre at a distance. */
export function scaleAt(view: View, z: number): number {
  return view.focal_px / z;
}

/** Where a place is seen. `z` must be above 0. */
export function project(view: View, { x, y, z }: Place): Point {
  const scale = scaleAt(view, z);
  return { x: view.width / 2 + x * scale, y: view.horizon_px + (view.camera_height_m - y) * scale };
}
