import { expect, test } from "vitest";
import { Detector } from "./detector.ts";
import { person } from "./drawn-figures.ts";
import { type Film, shoot } from "./drawn-film.ts";
import { lane } from "./drawn-places.ts";
import { decodePicture, type Picture, toPlanes, workingSize } from "./picture.ts";
import { Sources } from "./sources.ts";

/** A film of somebody who comes in, stops, and stays, as decoded pictures. */
async function visit(frames: number): Promise<Picture[]> {
  const figure = person("#3f7f86", "#1f1f24");
  const at = (t: number) => (t < 1 ? null : { x: Math.min(300, 20 * t), foot: 400, size: 140, still: t >= 15 });
  const film: Film = {
    name: "visit",
    place: lane,
    frames,
    step: 1,
    noise: 2,
    actors: [{ label: "person", figure, at }],
  };
  const pictures: Picture[] = [];
  for await (const { jpeg } of shoot(film)) pictures.push(await decodePicture(jpeg));
  return pictures;
}

test("Detector goes on finding an object that stopped, for 120 frames more", async () => {
  const pictures = await visit(22);
  const detector = new Detector();
  for (const picture of pictures) detector.detect(picture, "gate");
  const standing = pictures.slice(-4);
  let found = 0;
  for (let n = 0; n < 120; n++) found += detector.detect(standing[n % 4]!, "gate").length;
  expect(found).toBe(120);
}, 60_000);

test("Detector gives the same answer for the same pictures, whatever other sources show", async () => {
  const pictures = await visit(12);
  const alone = new Detector();
  const shared = new Detector();
  for (const picture of pictures) {
    shared.detect(pictures[0]!, "other");
    expect(shared.detect(picture, "gate")).toEqual(alone.detect(picture, "gate"));
  }
}, 60_000);

test("Detector begins a source anew when its pictures change size", () => {
  const detector = new Detector();
  const plain = (w: number, h: number) => toPlanes(new Uint8Array(w * h * 3).fill(120), { width: w, height: h }, w, h);
  expect(detector.detect(plain(320, 240), "gate")).toEqual([]);
  expect(detector.detect(plain(300, 200), "gate")).toEqual([]);
  expect(detector.detect(plain(1, 1), "gate")).toEqual([]);
});

test("workingSize() halves within 320..480 and never enlarges", () => {
  expect(workingSize(640, 480)).toEqual({ w: 320, h: 240 });
  expect(workingSize(1920, 1080)).toEqual({ w: 480, h: 270 });
  expect(workingSize(200, 100)).toEqual({ w: 200, h: 100 });
});

test("Sources drops the least recently used entry when it is full", () => {
  const sources = new Sources<number>(2);
  sources.set("a", 1);
  sources.set("b", 2);
  sources.get("a");
  sources.set("c", 3);
  expect(["a", "b", "c"].map((name) => sources.get(name))).toEqual([1, undefined, 3]);
  expect(sources.size).toBe(2);
});
