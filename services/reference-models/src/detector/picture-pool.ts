import type { Picture } from "./picture.ts";

/** Most pictures kept for later. */
const most = 4;

/** Pictures whose memory is used again: a service that makes 1 MB anew for each of 15 frames a second waits for the collector. */
export class PicturePool {
  #free: Picture[] = [];

  /** A picture of this working size, of any content. */
  take(sent: Picture["sent"], w: number, h: number): Picture {
    const at = this.#free.findIndex((picture) => picture.w === w && picture.h === h);
    if (at < 0)
      return { sent, w, h, y: new Float32Array(w * h), u: new Float32Array(w * h), v: new Float32Array(w * h) };
    return { ...this.#free.splice(at, 1)[0]!, sent };
  }

  /** Takes back a picture that nobody looks at any more. */
  give(picture: Picture): void {
    this.#free = [picture, ...this.#free].slice(0, most);
  }
}
