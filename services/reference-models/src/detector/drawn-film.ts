import sharp from "sharp";
import type { Figure } from "./drawn-figures.ts";
import { placeSize } from "./drawn-places.ts";

/** One figure's way through a film. `at` gives its place in frame `t`, null while it is not there. For tests only. */
export interface Actor {
  label: string;
  figure: Figure;
  at(t: number): { x: number; foot: number; size: number; still?: boolean } | null;
}

export interface Film {
  name: string;
  place: string;
  frames: number;
  actors: Actor[];
  /** Every how-manyth frame is shown to the detector when the film is measured. */
  step: number;
  /** Standard deviation of the noise, grey levels. */
  noise: number;
  /** Light by frame, 1 is as drawn. */
  light?(t: number): number;
  /** Moving things that are no objects: clouds, leaves. */
  scenery?(t: number): string;
  /** Draws a shadow under each actor. */
  shadows?: boolean;
}

export interface Truth {
  label: string;
  box: { x: number; y: number; width: number; height: number };
}

export interface Shot {
  jpeg: Uint8Array;
  truths: Truth[];
}

const { width, height } = placeSize;

/** Draws the film, its every `step`-th frame. The truth of an actor is the box of its own drawn pixels. */
export async function* shoot(film: Film): AsyncGenerator<Shot> {
  const place = await sharp(Buffer.from(film.place)).flatten({ background: "#000" }).raw().toBuffer();
  const random = generator(film.name.length * 7919 + film.frames);
  const grain = Float32Array.from(
    { length: 65_537 },
    () => (random() + random() + random() + random() - 2) * Math.sqrt(3),
  );
  for (let t = 0; t < film.frames; t += film.step) {
    const picture = new Float32Array(place);
    if (film.scenery) paint(picture, await rgba(film.scenery(t)));
    const truths: Truth[] = [];
    for (const actor of film.actors) {
      const at = actor.at(t);
      if (at === null) continue;
      if (film.shadows) paint(picture, await rgba(shadow(at)));
      const drawn = await rgba(actor.figure({ ...at, t: at.still ? 3 : t }));
      paint(picture, drawn);
      const box = boxOf(drawn);
      if (box !== null) truths.push({ label: actor.label, box });
    }
    yield { jpeg: await expose(picture, film, t, grain), truths };
  }
}

function shadow({ x, foot, size }: { x: number; foot: number; size: number }): string {
  return `<ellipse cx="${x + size * 0.08}" cy="${foot}" rx="${size * 0.3}" ry="${size * 0.05}" fill="#000" fill-opacity="0.3"/>`;
}

async function rgba(inside: string): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`;
  return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
}

function paint(picture: Float32Array, drawn: Uint8Array): void {
  for (let i = 0, p = 0; i < drawn.length; i += 4, p += 3) {
    const alpha = drawn[i + 3]! / 255;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) picture[p + c] = picture[p + c]! * (1 - alpha) + drawn[i + c]! * alpha;
  }
}

function boxOf(drawn: Uint8Array): Truth["box"] | null {
  let [x0, y0, x1, y1] = [width, height, -1, -1];
  for (let i = 3, p = 0; i < drawn.length; i += 4, p++) {
    if (drawn[i]! < 128) continue;
    const x = p % width;
    const y = (p - x) / width;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  return x1 - x0 < 5 || y1 - y0 < 8 ? null : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

function expose(picture: Float32Array, film: Film, t: number, grain: Float32Array): Promise<Uint8Array> {
  const light = film.light?.(t) ?? 1;
  const out = new Uint8ClampedArray(picture.length);
  let at = (t * 7919) % grain.length;
  for (let i = 0; i < out.length; i++) {
    out[i] = picture[i]! * light + film.noise * grain[at]!;
    if (++at === grain.length) at = 0;
  }
  return sharp(out, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** Mulberry32: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
