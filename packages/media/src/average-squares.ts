/** Pixels row by row, without gaps. */
export interface PixelGrid {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** Makes a luma picture smaller: each pixel is the mean of `factor` x `factor`, which divides both sides. */
export function averageGray({ width, height, pixels }: PixelGrid, factor: number, into: Uint8Array): void {
  const [columns, rows, area] = [width / factor, height / factor, factor * factor];
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, to++) {
      let sum = area >> 1;
      for (let row = 0, at = y * factor * width + x * factor; row < factor; row++, at += width)
        for (let from = at; from < at + factor; from++) sum += pixels[from]!;
      into[to] = sum / area;
    }
  }
}

/** The same for a picture of three bytes a pixel. */
export function averageRgb({ width, height, pixels }: PixelGrid, factor: number, into: Uint8Array): void {
  const [columns, rows, area] = [width / factor, height / factor, factor * factor];
  const [stride, step] = [width * 3, factor * 3];
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, to += 3) {
      let red = area >> 1;
      let green = red;
      let blue = red;
      for (let row = 0, at = y * factor * stride + x * step; row < factor; row++, at += stride) {
        for (let from = at; from < at + step; from += 3) {
          red += pixels[from]!;
          green += pixels[from + 1]!;
          blue += pixels[from + 2]!;
        }
      }
      into[to] = red / area;
      into[to + 1] = green / area;
      into[to + 2] = blue / area;
    }
  }
}
