import sharp from "sharp";
import { decodeGray, type GrayImage } from "../gray-image.ts";
import { inspectImage } from "../inspect-image.ts";
import { createNoise } from "./pictures.ts";

const WIDTH = 640;
const HEIGHT = 480;

/** A simulated camera over a yard: 640x480, sensor noise of sigma 3, encoded as JPEG and decoded as a service would. */
export interface Yard {
  /** `walker_x`: the left edge of a person (10x24 pixels, 5 % of the height), or null for none. */
  frame(walker_x: number | null): Promise<GrayImage>;
}

/** `contrast`: how much brighter (or darker) than the ground the person is, luma steps. */
export function createYard({ night, contrast }: { night: boolean; contrast: number }): Yard {
  const noise = createNoise();
  const samples = Float32Array.from({ length: 1 << 18 }, noise);
  let frames = 0;
  return {
    async frame(walker_x) {
      const pixels = Buffer.alloc(WIDTH * HEIGHT);
      const start = frames++ * 7919;
      for (let at = 0; at < pixels.length; at++) {
        const x = at % WIDTH;
        const y = (at - x) / WIDTH;
        const person = walker_x !== null && x >= walker_x && x < walker_x + 10 && y >= 300 && y < 324;
        const luma = groundAt(x, y, night) + (person ? contrast : 0) + 3 * samples[(start + at * 5) % samples.length]!;
        pixels[at] = Math.max(0, Math.min(255, Math.round(luma)));
      }
      const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const;
      const jpeg = await sharp(pixels, { raw }).jpeg({ quality: 80 }).toBuffer();
      return decodeGray(jpeg, inspectImage(jpeg));
    },
  };
}

function groundAt(x: number, y: number, night: boolean): number {
  if (night) return 18 + (y > 240 ? 8 : 0) + ((x >> 6) & 1) * 6;
  return 90 + y / 8 + ((x >> 6) & 1) * 25 + ((y >> 5) & 1) * 15;
}
