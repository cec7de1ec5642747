import type { Detection } from "../detector/detector.ts";
import type { Picture } from "../detector/picture.ts";
import { mainColours } from "./main-colours.ts";

/** Mean luma, 0..255, below which a picture is dark and above which it is bright. */
const DARK = 70;
const BRIGHT = 170;

/** One sentence of what was measured: light, colours, what the detector found. */
export function describeBriefly(picture: Picture, found: readonly Detection[]): string {
  const [first] = mainColours(picture);
  return `${aLight(picture)} picture, mostly ${first!.name}, with ${counted(found)}.`;
}

/** The same with shares and places. */
export function describeInDetail(picture: Picture, found: readonly Detection[]): string {
  const { width, height } = picture.sent;
  const colours = mainColours(picture).map(({ name, share }) => `${name} (${Math.round(share * 100)} %)`);
  const sizes = `${width} x ${height} pixels, mean brightness ${Math.round(mean(picture.y))} of 255`;
  const places = found.map((one) => `a ${one.class} ${placeOf(one, picture)}`);
  const things = places.length > 0 ? `The detector found ${places.join(", ")}.` : "The detector found nothing.";
  return `${aLight(picture)} picture of ${sizes}. Its colours are ${colours.join(", ")}. ${things}`;
}

function aLight({ y }: Picture): string {
  const light = mean(y);
  if (light < DARK) return "A dark";
  return light > BRIGHT ? "A bright" : "An evenly lit";
}

function counted(found: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { class: name } of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  const words = [...counts].map(([name, count]) => (count === 1 ? `a ${name}` : `${count} times "${name}"`));
  return words.length > 0 ? words.join(" and ") : "nothing that the detector knows";
}

function placeOf({ bbox }: Detection, { sent }: Picture): string {
  const across = (bbox.x + bbox.width / 2) / sent.width;
  const down = (bbox.y + bbox.height / 2) / sent.height;
  const column = across < 1 / 3 ? "left" : across > 2 / 3 ? "right" : "centre";
  const row = down < 1 / 3 ? "top" : down > 2 / 3 ? "bottom" : "middle";
  return `at the ${row} ${column}`;
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
