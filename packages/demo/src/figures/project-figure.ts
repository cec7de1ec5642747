import type { Shadow } from "../draw/shadow.ts";
import { capsule, ellipse, type Point, polygon, type Shape } from "../draw/shape.ts";
import type { Pose } from "../path.ts";
import { project, scaleAt, type View } from "../view.ts";
import type { Figure, Part, Spot } from "./figure.ts";

/**
 * The shapes of a figure as the camera sees it, in the order of painting.
 * Weak perspective: one scale for the whole body; what is nearer to the camera stands a little lower, as seen from above.
 */
export function figureShapes(view: View, figure: Figure, pose: Pose): Shape[] {
  const parts = figure.parts(pose);
  if (figure.sort_by_depth) parts.sort((a, b) => depthOf(pose, b) - depthOf(pose, a));
  const scale = scaleAt(view, pose.z);
  const place = (spot: Spot) => placeSpot(view, pose, spot);
  return parts.map((part) => toShape(part, place, scale));
}

/** The figure's shadow on the ground. */
export function figureShadow(view: View, figure: Figure, pose: Pose): Shadow {
  const scale = scaleAt(view, pose.z);
  const { half_f, half_s } = figure.shadow;
  const half_x = Math.abs(half_f * pose.dx) + Math.abs(half_s * pose.dz);
  const half_z = Math.abs(half_f * pose.dz) + Math.abs(half_s * pose.dx);
  const centre = project(view, { x: pose.x + half_x * 0.2, y: 0, z: pose.z });
  return { centre, rx: half_x * scale, ry: half_z * scale * slope(view, pose), depth: 0.5 };
}

function toShape(part: Part, place: (spot: Spot) => Point, scale: number): Shape {
  if (part.kind === "plate") return polygon(part.corners.map(place), part.fill);
  if (part.kind === "ball")
    return ellipse(place(part.at), part.half_width * scale, part.half_height * scale, part.fill);
  return capsule(place(part.a), part.ra * scale, place(part.b), part.rb * scale, part.fill);
}

function placeSpot(view: View, pose: Pose, spot: Spot): Point {
  const feet = project(view, { x: pose.x, y: 0, z: pose.z });
  const scale = scaleAt(view, pose.z);
  const right_m = spot.f * pose.dx + spot.s * pose.dz;
  return { x: feet.x + right_m * scale, y: feet.y - (spot.u + away(pose, spot) * slope(view, pose)) * scale };
}

function away(pose: Pose, spot: Spot): number {
  return spot.f * pose.dz - spot.s * pose.dx;
}

/** How much higher in the picture a metre further away is, in metres. */
function slope(view: View, pose: Pose): number {
  return view.camera_height_m / pose.z;
}

function depthOf(pose: Pose, part: Part): number {
  if (part.kind === "ball") return away(pose, part.at);
  if (part.kind === "limb") return (away(pose, part.a) + away(pose, part.b)) / 2;
  return part.corners.reduce((sum, corner) => sum + away(pose, corner), 0) / part.corners.length;
}
