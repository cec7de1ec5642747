import { averageGray, halveColours, type PixelGrid } from "./average-squares.ts";
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
  const plan = planFor(bytes, side);
  if (plan === null) return null;
  const { turbo, size, small, factor } = plan;
  return buffers.lend(size.width * size.height, async (buffer) => {
    const full = buffer.subarray(0, size.width * size.height);
    if (!(await decodes(turbo, bytes, full, turbo.FORMAT_GRAY))) return null;
    return { ...small, pixels: averageGray({ ...size, pixels: full }, factor) };
  });
}

/** A small JPEG of a plain JPEG that is 1, 2, 4 … times as large, likewise; 0..100 `quality`. */
export async function thumbnailOfPlainJpeg(
  bytes: Uint8Array,
  { side, quality }: { side: number; quality: number },
): Promise<Uint8Array | null> {
  const plan = planFor(bytes, side);
  if (plan === null || !Number.isInteger(Math.log2(plan.factor))) return null;
  const { turbo, size, small } = plan;
  const format = { ...small, format: turbo.FORMAT_RGBX, subsampling: turbo.SAMP_420, quality };
  const full_bytes = size.width * size.height * 4;
  return buffers.lend(full_bytes + turbo.bufferSize(format), async (buffer) => {
    const full = buffer.subarray(0, full_bytes);
    if (!(await decodes(turbo, bytes, full, turbo.FORMAT_RGBX))) return null;
    const pixels = new Int32Array(full.buffer, full.byteOffset, size.width * size.height);
    for (let { width, height } = size; width > small.width; width /= 2, height /= 2)
      halveColours(pixels, { width, height });
    const jpeg = await turbo.compress(
      full.subarray(0, small.width * small.height * 4),
      buffer.subarray(full_bytes),
      format,
    );
    return new Uint8Array(jpeg);
  });
}

interface Plan {
  turbo: JpegTurbo;
  size: { width: number; height: number };
  small: { width: number; height: number };
  /** How many times larger the picture is. */
  factor: number;
}

/** Null when the picture must go another way. */
function planFor(bytes: Uint8Array, side: number): Plan | null {
  const { size, plain } = readJpegHeader(bytes);
  if (!plain || size === null || size.width * size.height > MOST_PIXELS) return null;
  const factor = Math.max(size.width, size.height) / side;
  const small = { width: size.width / factor, height: size.height / factor };
  if (![factor, small.width, small.height].every(Number.isInteger)) return null;
  const turbo = loadJpegTurbo();
  return turbo && { turbo, size, small, factor };
}

/** Whether the picture decoded without complaint, and filled what was there for it. */
async function decodes(turbo: JpegTurbo, bytes: Uint8Array, pixels: Buffer, format: number): Promise<boolean> {
  try {
    const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return (await turbo.decompress(jpeg, pixels, { format })).size === pixels.length;
  } catch {
    return false;
  }
}
