import type { Shape } from "./shape.ts";

/** Pixels in rows from the top, three bytes each. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8ClampedArray;
}

/** An empty (black) picture. */
export function blankPicture(width: number, height: number): Picture {
  return { width, height, rgb: new Uint8ClampedArray(width * height * 3) };
}

/** A copy that can be painted on. */
export function copyPicture(picture: Picture): Picture {
  return { ...picture, rgb: picture.rgb.slice() };
}

/** Told of every pixel that a shape covers, also outside of the picture; `coverage` is above 0 and at most 1. */
export type Covered = (x: number, y: number, coverage: number) => void;

/** Paints one shape over the picture; what lies outside is only told to `covered`. */
export function paint(picture: Picture, shape: Shape, covered?: Covered): void {
  const clip = covered === undefined;
  const x0 = Math.max(Math.floor(shape.left) - 1, clip ? 0 : -Infinity);
  const y0 = Math.max(Math.floor(shape.top) - 1, clip ? 0 : -Infinity);
  const x1 = Math.min(Math.ceil(shape.right) + 1, clip ? picture.width : Infinity);
  const y1 = Math.min(Math.ceil(shape.bottom) + 1, clip ? picture.height : Infinity);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const coverage = Math.min(1, 0.5 - shape.distance(x + 0.5, y + 0.5));
      if (coverage <= 0) continue;
      covered?.(x, y, coverage);
      if (x >= 0 && y >= 0 && x < picture.width && y < picture.height) blend(picture, shape, x, y, coverage);
    }
  }
}

function blend({ width, rgb }: Picture, shape: Shape, x: number, y: number, coverage: number): void {
  let light = shape.texture?.(x, y) ?? 1;
  if (shape.shading !== undefined) {
    const across = (x - shape.left) / (shape.right - shape.left) + (y - shape.top) / (shape.bottom - shape.top);
    light *= 1 + (shape.shading * (1 - across)) / 2;
  }
  const i = (y * width + x) * 3;
  for (let c = 0; c < 3; c++) {
    const was = rgb[i + c]!;
    rgb[i + c] = was + (shape.colour[c as 0 | 1 | 2] * light - was) * coverage;
  }
}
