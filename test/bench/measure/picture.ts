import sharp from "sharp";
import { seeded } from "../../harness/random.ts";

const WIDTH = 640;
const HEIGHT = 480;

/** A JPEG of 640 x 480 whose size is within 5 % of what is wanted: the noise in it decides the size. */
export async function noisyPicture(bytes: number, seed: number): Promise<Uint8Array> {
  let [low, high] = [0, 255];
  for (let tries = 0; ; tries++) {
    const noise = (low + high) / 2;
    const jpeg = await encodeNoise(noise, seed);
    if (Math.abs(jpeg.length - bytes) < bytes * 0.05 || tries === 12) return jpeg;
    if (jpeg.length > bytes) high = noise;
    else low = noise;
  }
}

async function encodeNoise(noise: number, seed: number): Promise<Uint8Array> {
  const random = seeded(seed);
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 128 + (random() - 0.5) * noise;
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  return new Uint8Array(await sharp(pixels, { raw }).jpeg({ quality: 85 }).toBuffer());
}
