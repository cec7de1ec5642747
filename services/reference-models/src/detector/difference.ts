import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** Three planes of one size: a picture, or what is remembered of one. */
export type Planes = Pick<Picture, "w" | "h" | "y" | "u" | "v">;

/** Weight of squared colour difference against squared luma difference: colour is what light changes least. */
export const colourWeight = 1.6;

/** Colour distance of pixel `i` of one picture from pixel `j` of another. */
export function distance(a: Planes, i: number, b: Planes, j: number): number {
  const y = a.y[i]! - b.y[j]!;
  const u = a.u[i]! - b.u[j]!;
  const v = a.v[i]! - b.v[j]!;
  return Math.sqrt(y * y + colourWeight * (u * u + v * v));
}

/**
 * Distance of every pixel of two pictures. The signed luma difference is smoothed first, so that noise cancels out;
 * colour differences are smooth already, as cameras keep them at half the resolution.
 */
export function difference(a: Planes, b: Planes, workspace: Workspace): Float32Array {
  const { w, h } = a;
  const raw = workspace.floats(w * h);
  const [ay, au, av, by, bu, bv] = [a.y, a.u, a.v, b.y, b.u, b.v];
  for (let i = 0; i < raw.length; i++) raw[i] = ay[i]! - by[i]!;
  const rows = smoothRows(raw, w, h, workspace);
  for (let y = 0; y < h; y++) {
    const up = (y > 0 ? -1 : 0) * w;
    const down = (y < h - 1 ? 1 : 0) * w;
    for (let i = y * w; i < (y + 1) * w; i++) {
      const dy = (rows[i + up]! + 2 * rows[i]! + rows[i + down]!) / 4;
      const du = au[i]! - bu[i]!;
      const dv = av[i]! - bv[i]!;
      raw[i] = Math.sqrt(dy * dy + colourWeight * (du * du + dv * dv));
    }
  }
  return raw;
}

/** Smooths with 1-2-1 in both directions; the outermost pixels are repeated. */
export function smooth(plane: Float32Array, w: number, h: number, workspace: Workspace): Float32Array {
  const rows = smoothRows(plane, w, h, workspace);
  const out = workspace.floats(plane.length);
  for (let y = 0; y < h; y++) {
    const up = Math.max(0, y - 1) * w;
    const down = Math.min(h - 1, y + 1) * w;
    const at = y * w;
    for (let x = 0; x < w; x++) out[at + x] = (rows[up + x]! + 2 * rows[at + x]! + rows[down + x]!) / 4;
  }
  return out;
}

function smoothRows(plane: Float32Array, w: number, h: number, workspace: Workspace): Float32Array {
  const rows = workspace.floats(plane.length);
  for (let y = 0; y < h; y++) {
    const at = y * w;
    for (let x = 1; x < w - 1; x++) rows[at + x] = (plane[at + x - 1]! + 2 * plane[at + x]! + plane[at + x + 1]!) / 4;
    rows[at] = plane[at]!;
    rows[at + w - 1] = plane[at + w - 1]!;
  }
  return rows;
}

/** Median of the values, from a histogram of quarter steps up to 64; every `step`-th value is looked at. */
export function median(values: Float32Array, step = 3): number {
  const histogram = new Uint32Array(257);
  let total = 0;
  for (let i = 0; i < values.length; i += step, total++) {
    const bin = Math.min(256, (values[i]! * 4) | 0);
    histogram[bin] = histogram[bin]! + 1;
  }
  let seen = 0;
  for (let bin = 0; bin < 257; bin++) {
    seen += histogram[bin]!;
    if (seen * 2 >= total) return (bin + 0.5) / 4;
  }
  return 64;
}
