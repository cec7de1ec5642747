import { openPicture } from "./open-picture.ts";

/** One box to draw: what was seen, how sure (0..1), and where (0..1 of the picture as sent, `x, y` the top left). */
export interface AnnotationBox {
  label: string;
  confidence: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** More boxes than this are not drawn: the picture could not be read, and drawing has to stay cheap. */
const MAX_BOXES = 200;
const MAX_LABEL_CHARACTERS = 40;
const COLOURS = ["#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#000075"];

/**
 * A JPEG (quality 85) of a checked picture with boxes and labels drawn on it: the first 200 boxes, cut to the picture.
 * Size and pixels are those sent, no orientation is applied. Labels need a font on the machine (any).
 */
export async function annotate(bytes: Uint8Array, boxes: readonly AnnotationBox[]): Promise<Uint8Array> {
  const picture = openPicture(bytes);
  const { width, height } = await picture.metadata();
  const overlay = Buffer.from(drawBoxes(boxes.slice(0, MAX_BOXES), width, height));
  return picture
    .flatten()
    .composite([{ input: overlay, left: 0, top: 0 }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

function drawBoxes(boxes: readonly AnnotationBox[], width: number, height: number): string {
  const line = Math.max(2, Math.round(Math.max(width, height) / 320));
  const drawn = boxes.map((box) => drawBox(box, { width, height, line })).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn}</svg>`;
}

function drawBox(box: AnnotationBox, { width, height, line }: { width: number; height: number; line: number }): string {
  const left = Math.round(clamp(box.x) * width);
  const top = Math.round(clamp(box.y) * height);
  const boxWidth = Math.round(clamp(box.x + box.w) * width) - left;
  const boxHeight = Math.round(clamp(box.y + box.h) * height) - top;
  const colour = colourOf(box.label);
  const text = `${[...box.label].slice(0, MAX_LABEL_CHARACTERS).join("")} ${Math.round(clamp(box.confidence) * 100)}%`;
  const font = line * 6 + 6;
  const textTop = top >= font + 2 * line ? top - font - line : top;
  return (
    `<rect x="${left}" y="${top}" width="${boxWidth}" height="${boxHeight}" fill="none" stroke="${colour}" stroke-width="${line}"/>` +
    `<rect x="${left}" y="${textTop}" width="${[...text].length * font * 0.62 + 2 * line}" height="${font + line}" fill="${colour}"/>` +
    `<text x="${left + line}" y="${textTop + font * 0.85}" font-family="sans-serif" font-size="${font}" fill="#fff">${escapeXml(text)}</text>`
  );
}

/** One colour per label, the same in every picture. */
function colourOf(label: string): string {
  let sum = 0;
  for (const character of label) sum = (sum * 31 + character.codePointAt(0)!) % 65_521;
  return COLOURS[sum % COLOURS.length]!;
}

/** Also drops what XML 1.0 does not allow at all: control characters and lone surrogates. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Into 0..1; what is no number is 0. */
function clamp(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
