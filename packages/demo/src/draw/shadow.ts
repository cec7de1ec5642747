import type { Picture } from "./picture.ts";
import type { Point } from "./shape.ts";

/** A soft dark ellipse on the ground. */
export interface Shadow {
  centre: Point;
  rx: number;
  ry: number;
  /** How dark its middle is, 0 (not at all) to 1 (black). */
  depth: number;
}

/** Darkens the picture under the shadow, less and less towards its edge. */
export function paintShadow({ width, height, rgb }: Picture, { centre, rx, ry, depth }: Shadow): void {
  const y1 = Math.min(height, Math.ceil(centre.y + ry));
  const x1 = Math.min(width, Math.ceil(centre.x + rx));
  for (let y = Math.max(0, Math.floor(centre.y - ry)); y < y1; y++) {
    for (let x = Math.max(0, Math.floor(centre.x - rx)); x < x1; x++) {
      const far2 = ((x + 0.5 - centre.x) / rx) ** 2 + ((y + 0.5 - centre.y) / ry) ** 2;
      if (far2 >= 1) continue;
      const keep = 1 - depth * (1 - far2) ** 1.5;
      const i = (y * width + x) * 3;
      for (let c = i; c < i + 3; c++) rgb[c] = rgb[c]! * keep;
    }
  }
}
