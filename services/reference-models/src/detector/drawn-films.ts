import { car, dog, person, truck } from "./drawn-figures.ts";
import type { Actor, Film } from "./drawn-film.ts";
import { lane, meadow, nightYard } from "./drawn-places.ts";

const anna = person("#b03a48", "#2f3d63");
const ben = person("#d9d4c3", "#4a3b30", "#8c5f45");
const cleo = person("#3f7f86", "#1f1f24");

/** Goes from x to x at `speed` pixels a frame, from frame `since` on. */
function goes(
  label: string,
  figure: Actor["figure"],
  way: { x: number; foot: number; size: number; speed: number; since?: number },
): Actor {
  const { x, foot, size, speed, since = 0 } = way;
  return { label, figure, at: (t) => (t < since ? null : { x: x + speed * (t - since), foot, size }) };
}

/** The films that the detector is measured on. For tests only. */
export const films: Film[] = [
  {
    name: "walk",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [goes("person", anna, { x: 20, foot: 420, size: 150, speed: 8, since: 3 })],
  },
  {
    name: "far walk",
    place: meadow,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [goes("person", ben, { x: 100, foot: 260, size: 54, speed: 3, since: 2 })],
  },
  {
    name: "occupied",
    place: lane,
    frames: 70,
    step: 2,
    noise: 2,
    actors: [goes("person", cleo, { x: 180, foot: 390, size: 130, speed: 4 })],
  },
  {
    name: "occupied slow",
    place: meadow,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [goes("person", anna, { x: 250, foot: 400, size: 140, speed: 2 })],
  },
  {
    name: "car",
    place: lane,
    frames: 70,
    step: 4,
    noise: 4,
    shadows: true,
    actors: [goes("car", car("#8d2a2a"), { x: -60, foot: 430, size: 250, speed: 14, since: 2 })],
  },
  {
    name: "grey car",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [goes("car", car("#c7cbd0"), { x: 640, foot: 360, size: 190, speed: -9, since: 1 })],
  },
  {
    name: "truck",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [goes("truck", truck("#2b5c8a"), { x: -80, foot: 400, size: 330, speed: 12, since: 2 })],
  },
  {
    name: "dog",
    place: meadow,
    frames: 70,
    step: 4,
    noise: 4,
    actors: [goes("dog", dog("#4f3523"), { x: 30, foot: 380, size: 80, speed: 8, since: 4 })],
  },
  {
    name: "with dog",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    shadows: true,
    actors: [
      goes("person", ben, { x: 30, foot: 410, size: 140, speed: 7, since: 2 }),
      goes("dog", dog("#e3d3b0"), { x: 130, foot: 415, size: 70, speed: 7, since: 2 }),
    ],
  },
  {
    name: "crossing",
    place: meadow,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [
      goes("person", anna, { x: 30, foot: 400, size: 130, speed: 8 }),
      goes("person", cleo, { x: 610, foot: 380, size: 120, speed: -8 }),
    ],
  },
  {
    name: "night",
    place: nightYard,
    frames: 70,
    step: 4,
    noise: 6,
    actors: [
      goes("person", person("#7c7f7e", "#6a6c6b", "#989b9a"), { x: 40, foot: 400, size: 140, speed: 7, since: 12 }),
    ],
  },
  { name: "night empty", place: nightYard, frames: 40, step: 4, noise: 8, actors: [] },
  {
    name: "dusk and leaves",
    place: meadow,
    frames: 70,
    step: 4,
    noise: 3,
    light: (t) => 1.05 - 0.004 * t,
    scenery: (t) =>
      `<ellipse cx="${120 + t * 1.2}" cy="55" rx="70" ry="22" fill="#e9eef0"/>${[0, 1, 2, 3, 4, 5].map((k) => `<circle cx="${565 + 22 * (k % 3) + 4 * Math.sin(t * 0.8 + k)}" cy="${150 + 20 * (k >> 1)}" r="17" fill="#3f5f33"/>`).join("")}`,
    actors: [goes("person", anna, { x: 60, foot: 410, size: 130, speed: 5, since: 6 })],
  },
  {
    name: "stops",
    place: lane,
    frames: 80,
    step: 4,
    noise: 3,
    actors: [
      {
        label: "person",
        figure: cleo,
        at: (t) => (t < 2 ? null : { x: Math.min(330, 40 + 8 * t), foot: 400, size: 135, still: t > 37 }),
      },
    ],
  },
  {
    name: "comes near",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    shadows: true,
    actors: [{ label: "person", figure: ben, at: (t) => ({ x: 300 + t, foot: 280 + 2.5 * t, size: 60 + 1.8 * t }) }],
  },
  {
    name: "two cars",
    place: lane,
    frames: 70,
    step: 4,
    noise: 3,
    actors: [
      goes("car", car("#d7d7d2"), { x: -90, foot: 350, size: 170, speed: 11 }),
      goes("car", car("#274a33"), { x: 720, foot: 450, size: 240, speed: -10 }),
    ],
  },
];
