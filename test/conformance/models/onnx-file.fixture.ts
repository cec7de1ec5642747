import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

/** A `.onnx` file in a folder of its own, gone with the test. */
export async function onnxFileOf(bytes: Uint8Array | string): Promise<{ file: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-onnx-"));
  const file = join(folder, "colours.onnx");
  await writeFile(file, bytes);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** A patch of one colour, pixels. */
export interface Patch {
  left: number;
  top: number;
  width: number;
  height: number;
  colour: string;
}

/** A black picture with patches. */
export async function patches(size: { width: number; height: number }, painted: readonly Patch[]) {
  const bytes = await sharp({ create: { ...size, channels: 3, background: "#000000" } })
    .composite(
      painted.map(({ left, top, width, height, colour }) => ({
        input: { create: { width, height, channels: 3, background: colour } },
        left,
        top,
      })),
    )
    .png()
    .toBuffer();
  return { bytes, media_type: "image/png", ...size };
}
