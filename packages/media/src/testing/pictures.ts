import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

/** Repeatable noise: a normal distribution (Box-Muller over a linear congruential generator). */
export function createNoise(seed = 1): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A colour picture with some noise, raw, three channels. */
export function renderColour(width: number, height: number): Sharp {
  const noise = createNoise();
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 128 + 60 * Math.sin(i / 997) + noise() * 8;
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A PNG made by hand, so that header and content can disagree. `rows`: how many rows of zeros it really holds. */
export function buildPng(width: number, height: number, rows: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const data = deflateSync(Buffer.alloc((width + 1) * rows), { level: 9 });
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
