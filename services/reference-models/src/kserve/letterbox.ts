/** The side of the square in which the detectors' boxes are given, pixels. */
export const letterboxSide = 640;

/** The grey around a picture that YOLO models are trained with, of 255. */
const GREY = 114;

interface Size {
  width: number;
  height: number;
}
interface Box extends Size {
  x: number;
  y: number;
}

/** A box of a picture as x1, y1, x2, y2 of the square into which the picture is fitted, in the middle. */
export function intoSquare({ x, y, width, height }: Box, picture: Size): [number, number, number, number] {
  const scale = letterboxSide / Math.max(picture.width, picture.height);
  const left = (letterboxSide - picture.width * scale) / 2;
  const top = (letterboxSide - picture.height * scale) / 2;
  return [left + x * scale, top + y * scale, left + (x + width) * scale, top + (y + height) * scale];
}

/** A square tensor's picture without the grey around it: packed RGB, and where it lies. */
export function fromSquare(tensor: Float32Array): { rgb: Uint8Array; place: Box } {
  const plane = letterboxSide * letterboxSide;
  const value = (at: number, channel: number) =>
    Math.round(Math.min(1, Math.max(0, tensor[at + channel * plane]!)) * 255);
  const isGrey = (at: number) => [0, 1, 2].every((channel) => value(at, channel) === GREY);
  const place = placeWithout(isGrey);
  const rgb = new Uint8Array(place.width * place.height * 3);
  let to = 0;
  for (let y = place.y; y < place.y + place.height; y++)
    for (let x = place.x; x < place.x + place.width; x++)
      for (let channel = 0; channel < 3; channel++) rgb[to++] = value(y * letterboxSide + x, channel);
  return { rgb, place };
}

/** What lies between the rows and columns at the edges that are grey from end to end; all of it when all is grey. */
function placeWithout(isGrey: (at: number) => boolean): Box {
  const sides = Array.from({ length: letterboxSide }, (_, at) => at);
  const rows = sides.filter((y) => !sides.every((x) => isGrey(y * letterboxSide + x)));
  const columns = sides.filter((x) => !sides.every((y) => isGrey(y * letterboxSide + x)));
  const [y, x] = [rows[0] ?? 0, columns[0] ?? 0];
  const [bottom, right] = [rows.at(-1) ?? letterboxSide - 1, columns.at(-1) ?? letterboxSide - 1];
  return { x, y, width: right - x + 1, height: bottom - y + 1 };
}
