import { capsule, ellipse, polygon, type Shape } from "../draw/shape.ts";
import { boards, bricks, rough } from "../draw/texture.ts";
import { project, type View } from "../view.ts";
import { caption } from "./caption.ts";
import { first } from "./palette-first.ts";
import { foliage, ground, lazyBackdrop, panel, plot, type Site, wall, windowPane } from "./site.ts";

const view: View = { width: 640, height: 480, horizon_px: 160, focal_px: 500, camera_height_m: 2.5 };
const wall_z = 9;

/** From a tree in the front garden: the house door, a garage, a path over the lawn. */
export function frontDoorSite(seed: number): Site {
  return {
    name: "front-door",
    view,
    backdrop: lazyBackdrop(view, () => [
      ...sky(),
      ...facade(seed),
      ...openings(seed),
      ...garden(seed),
      ...plants(seed),
    ]),
    caption: caption(first.caption, first.caption_back, 2),
    props: [{ z: 4.6, shapes: () => bush(seed) }],
  };
}

function sky(): Shape[] {
  const corners = [
    { x: 0, y: 0 },
    { x: 640, y: 0 },
    { x: 640, y: 300 },
    { x: 0, y: 300 },
  ];
  return [polygon(corners, { colour: first.sky_high, texture: (_x, y) => 1 + Math.min(0.12, y / 1500) })];
}

function facade(seed: number): Shape[] {
  return [
    panel(view, wall_z, [-5.2, 0, 6.2, 3.4], { colour: first.siding, texture: boards(seed, 9) }),
    panel(view, wall_z, [-5.2, 0, 6.2, 0.35], { colour: first.plinth, texture: bricks(seed, 18, 8) }),
    wall(
      view,
      wall_z,
      [
        [-5.6, 3.2],
        [6.6, 3.2],
        [5.6, 4.9],
        [-4.6, 4.9],
      ],
      { colour: first.roof_a, texture: bricks(seed + 1, 16, 7, 0.78) },
    ),
    panel(view, wall_z, [-5.6, 3.1, 6.6, 3.28], { colour: first.frame, shading: 0.2 }),
  ];
}

function openings(seed: number): Shape[] {
  const [knob, lamp] = [project(view, { x: -0.75, y: 1.3, z: wall_z }), project(view, { x: -0.1, y: 2.2, z: wall_z })];
  return [
    ...windowPane(view, wall_z, [-4.3, 1.2, -2.5, 2.6], first.frame, first.glass),
    ...windowPane(view, wall_z, [0.6, 1.2, 1.7, 2.6], first.frame, first.glass),
    panel(view, wall_z, [-1.8, 0.25, -0.5, 2.6], { colour: first.frame }),
    panel(view, wall_z, [-1.68, 0.25, -0.62, 2.48], { colour: first.door, shading: 0.25 }),
    panel(view, wall_z, [-1.5, 1.7, -0.8, 2.3], { colour: first.glass, shading: 0.6 }),
    ellipse(knob, 3, 3, { colour: first.brass }),
    panel(view, wall_z, [-0.22, 2.05, 0.02, 2.35], { colour: first.post }),
    ellipse(lamp, 5, 7, { colour: first.lamp }),
    panel(view, wall_z, [2.5, 0, 5.7, 2.6], { colour: first.frame }),
    panel(view, wall_z, [2.65, 0, 5.55, 2.45], { colour: first.garage, texture: boards(seed + 2, 27) }),
  ];
}

function garden(seed: number): Shape[] {
  const lawn = rough(seed + 3, { size_px: 14, depth: 0.28, grain: 0.26 });
  return [
    plot(view, [-20, 1, 20, wall_z], { colour: first.lawn, texture: lawn }),
    ground(
      view,
      [
        [2.2, 1],
        [6, 1],
        [5.8, wall_z],
        [2.4, wall_z],
      ],
      { colour: first.drive, texture: rough(seed + 4, { size_px: 44, depth: 0.1, grain: 0.12 }) },
    ),
    plot(view, [-1.7, 7.4, 2.4, 8.4], { colour: first.pavement, texture: bricks(seed + 5, 34, 15, 0.85) }),
    plot(view, [-2, 8.2, -0.3, wall_z], {
      colour: first.step,
      texture: rough(seed + 6, { size_px: 20, depth: 0.1, grain: 0.1 }),
    }),
    panel(view, 8.9, [-1.95, 0, -0.35, 0.22], { colour: first.step, shading: 0.5 }),
  ];
}

function plants(seed: number): Shape[] {
  const greens = [first.hedge, first.hedge_light, first.hedge_dark];
  const bed = (x: number, n: number) =>
    foliage(view, { x, y: 0.35, z: 8.8, rx: 0.8, ry: 0.4, leaf_m: 0.09, count: 130, seed: seed + n }, greens);
  const [foot, crown] = [project(view, { x: -6.4, y: 0, z: 10 }), project(view, { x: -6.2, y: 3, z: 10 })];
  return [
    ...bed(-3.4, 20),
    ...bed(1.2, 21),
    capsule(foot, 11, crown, 8, { colour: first.bark, shading: 0.5 }),
    ...foliage(view, { x: -6.2, y: 3.6, z: 10, rx: 1.6, ry: 1.6, leaf_m: 0.18, count: 260, seed: seed + 22 }, greens),
  ];
}

function bush(seed: number): Shape[] {
  const greens = [first.hedge, first.hedge_light, first.hedge_dark];
  return foliage(
    view,
    { x: -2.6, y: 0.3, z: 4.6, rx: 0.6, ry: 0.35, leaf_m: 0.07, count: 150, seed: seed + 30 },
    greens,
  );
}
