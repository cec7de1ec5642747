import type { Covered, Picture } from "./draw/picture.ts";
import type { Shape } from "./draw/shape.ts";
import type { Truth } from "./scene.ts";

/** Half a pixel and more counts as the object's. */
const counts = 0.5;

interface Entry extends Pick<Truth, "object_id" | "label" | "moving"> {
  /** The object's pixels, also those outside of the picture: 1 when it is its own. */
  own: Uint8Array;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Counts which pixel shows which object while a picture is painted from far to near: the truth comes from what was drawn. */
export class Tally {
  readonly #width: number;
  readonly #height: number;
  /** Per pixel: 0 for the background, else the number of the object on top. */
  readonly #owner: Uint8Array;
  readonly #entries: Entry[] = [];

  constructor({ width, height }: Picture) {
    this.#width = width;
    this.#height = height;
    this.#owner = new Uint8Array(width * height);
  }

  /** Gives the receiver for the pixels of something that hides objects and is none. */
  hide(): Covered {
    return (x, y, coverage) => {
      if (coverage >= counts && this.#inside(x, y)) this.#owner[y * this.#width + x] = 0;
    };
  }

  /** Gives the receiver for the pixels of an object made of `shapes`. At most 255 objects. */
  show(what: Pick<Truth, "object_id" | "label" | "moving">, shapes: readonly Shape[]): Covered {
    const left = Math.floor(Math.min(...shapes.map((s) => s.left))) - 1;
    const top = Math.floor(Math.min(...shapes.map((s) => s.top))) - 1;
    const width = Math.ceil(Math.max(...shapes.map((s) => s.right))) + 1 - left;
    const height = Math.ceil(Math.max(...shapes.map((s) => s.bottom))) + 1 - top;
    const own = new Uint8Array(width * height);
    const number = this.#entries.push({ ...what, own, left, top, width, height });
    return (x, y, coverage) => {
      if (coverage < counts) return;
      own[(y - top) * width + x - left] = 1;
      if (this.#inside(x, y)) this.#owner[y * this.#width + x] = number;
    };
  }

  /** The truth of every object of which at least one pixel can be seen, in the order of painting. */
  truths(): Truth[] {
    return this.#entries.flatMap((entry, i) => {
      const seen = this.#seen(entry, i + 1);
      if (seen === null) return [];
      const { object_id, label, moving, own } = entry;
      const all = own.reduce((sum, pixel) => sum + pixel, 0);
      return [{ object_id, label, moving, box: seen.box, visible_fraction: seen.pixels / all }];
    });
  }

  #seen(entry: Entry, number: number): { box: Truth["box"]; pixels: number } | null {
    let [pixels, left, top, right, bottom] = [0, this.#width, this.#height, 0, 0];
    const x1 = Math.min(this.#width, entry.left + entry.width);
    const y1 = Math.min(this.#height, entry.top + entry.height);
    for (let y = Math.max(0, entry.top); y < y1; y++) {
      for (let x = Math.max(0, entry.left); x < x1; x++) {
        if (this.#owner[y * this.#width + x] !== number) continue;
        pixels++;
        if (x < left) left = x;
        if (x >= right) right = x + 1;
        if (y < top) top = y;
        bottom = y + 1;
      }
    }
    if (pixels === 0) return null;
    const [w, h] = [this.#width, this.#height];
    return { pixels, box: { x: left / w, y: top / h, w: (right - left) / w, h: (bottom - top) / h } };
  }

  #inside(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x < this.#width && y < this.#height;
  }
}
