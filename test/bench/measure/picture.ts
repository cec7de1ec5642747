import { scenes } from "@gatehouse/demo";
import sharp from "sharp";
import { seeded } from "../../harness/random.ts";

const WIDTH = 640;
const HEIGHT = 480;
/** Of the drawn scenes: 5 pictures a second, from where somebody walks, drives or trots through the view. */
const BEGIN_MS = 2_000;
const EVERY_MS = 200;

/** What a camera sends: noise is the dearest to decode, a drawn scene is like a real picture. */
export const PICTURES = { noise: noisyPictures, scene: scenePictures } as const;
export type Pictures = keyof typeof PICTURES;

/** JPEGs of 640 x 480, each within 5 % of so many bytes: how much noise is in them decides their size. */
async function noisyPictures(bytes: number, count: number, seed: number): Promise<Uint8Array[]> {
  const noise = await within(bytes, [0, 255], (amount) => encodeNoise(amount, seed));
  return Promise.all(Array.from({ length: count }, (_, i) => encodeNoise(noise, seed + i)));
}

/** Consecutive JPEGs of one drawn camera of 640 x 480, about so many bytes each: their quality decides their size. */
async function scenePictures(bytes: number, count: number, seed: number): Promise<Uint8Array[]> {
  const all = scenes().filter(({ night }) => !night);
  const scene = all[seed % all.length]!;
  const drawn: Uint8Array[] = [];
  for (let i = 0; i < count; i++) drawn.push((await scene.render(BEGIN_MS + i * EVERY_MS)).jpeg);
  const encode = async (jpeg: Uint8Array, quality: number): Promise<Uint8Array> =>
    new Uint8Array(await sharp(jpeg).jpeg({ quality }).toBuffer());
  const quality = await within(bytes, [1, 100], (amount) => encode(drawn[0]!, Math.round(amount)));
  return Promise.all(drawn.map((jpeg) => encode(jpeg, Math.round(quality))));
}

/** The amount, between two, that gives a picture of about so many bytes. */
async function within(
  bytes: number,
  [least, most]: [number, number],
  encode: (amount: number) => Promise<Uint8Array>,
): Promise<number> {
  let [low, high] = [least, most];
  for (let tries = 0; ; tries++) {
    const amount = (low + high) / 2;
    const { length } = await encode(amount);
    if (Math.abs(length - bytes) < bytes * 0.05 || tries === 12) return amount;
    if (length > bytes) high = amount;
    else low = amount;
  }
}

async function encodeNoise(noise: number, seed: number): Promise<Uint8Array> {
  const random = seeded(seed);
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 128 + (random() - 0.5) * noise;
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  return new Uint8Array(await sharp(pixels, { raw }).jpeg({ quality: 85 }).toBuffer());
}

/** The same picture with other bytes: a comment (ITU-T T.81, B.2.4.5) after its first marker. */
export function withComment(jpeg: Uint8Array, text: string): Uint8Array {
  const comment = Buffer.from(`\xff\xfe\0\0${text}`, "latin1");
  comment.writeUInt16BE(comment.length - 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}
