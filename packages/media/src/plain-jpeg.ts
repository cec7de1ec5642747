import { averageGray, averageRgb, type PixelGrid } from "./average-squares.ts";
import { readJpegHeader } from "./jpeg-header.ts";
import { type JpegTurbo, loadJpegTurbo } from "./jpeg-turbo.ts";
import { LentBuffers } from "./lent-buffers.ts";

/** Larger pictures are cheaper through sharp, which shrinks a JPEG while it decodes it: 1280 x 720 costs 2.7 ms here and 3.9 there, 1920 x 1080 6.3 and 5.5. */
const MOST_PIXELS = 1_000_000;
/** As many as libuv decodes at a time. */
const buffers = new LentBuffers(4);

/**
 * The small luma picture of a plain JPEG: baseline, one scan, and a multiple of `side` long. That is what cameras send,
 * and it costs half of what sharp needs (640 x 480, 60 KB: 0.9 ms and 2.0). Null for any other picture, and for one that
 * libjpeg-turbo complains of: sharp decides about that.
 */
export async function grayOfPlainJpeg(bytes: Uint8Array, side: number): Promise<PixelGrid | null> {
  return withPixels(bytes, { side, channels: 1 }, async ({ full, factor, small }) => {
    const pixels = new Uint8Array(small.width * small.height);
    averageGray(full, factor, pixels);
    return { ...small, pixels };
  });
}

/** A small JPEG of a plain JPEG, as above; 0..100 `quality`. */
export async function thumbnailOfPlainJpeg(
  bytes: Uint8Array,
  { side, quality }: { side: number; quality: number },
): Promise<Uint8Array | null> {
  return withPixels(bytes, { side, channels: 3 }, async ({ turbo, full, factor, small, room }) => {
    const count = small.width * small.height * 3;
    averageRgb(full, factor, room.subarray(0, count));
    const format = { ...small, format: turbo.FORMAT_RGB, subsampling: turbo.SAMP_420, quality };
    return Uint8Array.from(await turbo.compress(room.subarray(0, count), room.subarray(count), format));
  });
}

interface Decoded {
  turbo: JpegTurbo;
  full: PixelGrid;
  small: { width: number; height: number };
  /** How many times larger the full picture is. */
  factor: number;
  /** Bytes to work in: enough for the small picture, and for a JPEG of it. */
  room: Buffer;
}

async function withPixels<T>(
  bytes: Uint8Array,
  { side, channels }: { side: number; channels: 1 | 3 },
  use: (decoded: Decoded) => Promise<T>,
): Promise<T | null> {
  const { size, plain } = readJpegHeader(bytes);
  if (!plain || size === null || size.width * size.height > MOST_PIXELS) return null;
  const factor = Math.max(size.width, size.height) / side;
  const small = { width: size.width / factor, height: size.height / factor };
  if (!Number.isInteger(factor) || !Number.isInteger(small.width) || !Number.isInteger(small.height)) return null;
  const turbo = loadJpegTurbo();
  if (turbo === null) return null;
  const full_bytes = size.width * size.height * channels;
  const small_bytes =
    small.width * small.height * channels + turbo.bufferSize({ ...small, subsampling: turbo.SAMP_420 });
  return buffers.lend(full_bytes + small_bytes, async (buffer) => {
    const pixels = buffer.subarray(0, full_bytes);
    if (!(await decodes(turbo, bytes, pixels, channels))) return null;
    return use({ turbo, full: { ...size, pixels }, small, factor, room: buffer.subarray(full_bytes) });
  });
}

/** Whether the picture decoded without complaint, and filled what was there for it. */
async function decodes(turbo: JpegTurbo, bytes: Uint8Array, pixels: Buffer, channels: 1 | 3): Promise<boolean> {
  const format = channels === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB;
  try {
    const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return (await turbo.decompress(jpeg, pixels, { format })).size === pixels.length;
  } catch {
    return false;
  }
}
