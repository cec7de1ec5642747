import { capsule, polygon, type Shape } from "../draw/shape.ts";
import { bricks, planks, rough } from "../draw/texture.ts";
import { project, type View } from "../view.ts";
import { caption } from "./caption.ts";
import { second } from "./palette-second.ts";
import { foliage, ground, lazyBackdrop, panel, plot, type Site, wall, windowPane } from "./site.ts";

const view: View = { width: 1280, height: 720, horizon_px: 105, focal_px: 900, camera_height_m: 4.6 };
const wall_z = 17;
const leaves = [second.leaf_gold, second.leaf_rust, second.leaf_olive];

/** From under a roof: a gravel yard, a brick wall with a gate, a barn; the leaves of a tree move in the wind. */
export function courtyardSite(seed: number): Site {
  return {
    name: "courtyard",
    view,
    backdrop: lazyBackdrop(view, () => [
      ...sky(seed),
      ...barn(seed),
      ...yardWall(seed),
      ...yard(seed),
      ...things(seed),
    ]),
    caption: caption(second.caption, second.caption_back, 3),
    props: [
      { z: 30, shapes: (at_ms) => crown(seed, at_ms) },
      { z: 9, shapes: pot },
    ],
  };
}

function sky(seed: number): Shape[] {
  const corners = [
    { x: -2, y: -2 },
    { x: 1282, y: -2 },
    { x: 1282, y: 720 },
    { x: -2, y: 720 },
  ];
  const clouds = rough(seed + 50, { size_px: 170, depth: 0.16, grain: 0 });
  return [
    polygon(corners, { colour: second.cloud_high, texture: clouds }),
    plot(view, [-60, wall_z, 60, 90], {
      colour: second.leaf_dark,
      texture: rough(seed + 51, { size_px: 22, depth: 0.5, grain: 0.2 }),
    }),
  ];
}

function barn(seed: number): Shape[] {
  const z = 20;
  return [
    panel(view, z, [4, 0, 16, 5.2], {
      colour: second.plaster,
      texture: rough(seed + 1, { size_px: 60, depth: 0.12, grain: 0.06 }),
    }),
    wall(
      view,
      z,
      [
        [3.2, 5],
        [16.6, 5],
        [16.6, 8],
        [4.6, 8],
      ],
      { colour: second.tiles, texture: bricks(seed + 2, 15, 9, 0.7) },
    ),
    ...windowPane(view, z, [5.6, 3, 6.9, 4.4], second.sash, second.pane),
    ...windowPane(view, z, [9.4, 3, 10.7, 4.4], second.sash, second.pane),
    panel(view, z, [5, 2.9, 5.5, 4.5], { colour: second.shutter, texture: planks(seed, 5) }),
    panel(view, z, [7, 2.9, 7.5, 4.5], { colour: second.shutter, texture: planks(seed, 5) }),
  ];
}

function yardWall(seed: number): Shape[] {
  return [
    panel(view, wall_z, [-16, 0, 16, 2.3], { colour: second.brick, texture: bricks(seed + 3, 14, 6, 1.3) }),
    panel(view, wall_z, [-16, 2.3, 16, 2.48], { colour: second.coping, shading: 0.2 }),
    panel(view, wall_z, [-3.4, 0, 0.6, 2.6], { colour: second.gate, texture: planks(seed + 4, 9) }),
    panel(view, wall_z, [-3.7, 0, -3.3, 2.9], {
      colour: second.coping,
      texture: rough(seed, { size_px: 9, depth: 0.2, grain: 0.1 }),
    }),
    panel(view, wall_z, [0.5, 0, 0.9, 2.9], {
      colour: second.coping,
      texture: rough(seed, { size_px: 9, depth: 0.2, grain: 0.1 }),
    }),
  ];
}

function yard(seed: number): Shape[] {
  const gravel = rough(seed + 5, { size_px: 7, depth: 0.2, grain: 0.34 });
  return [
    plot(view, [-30, 2, 30, wall_z], { colour: second.gravel, texture: gravel }),
    ground(
      view,
      [
        [-30, 2],
        [-6.4, 2],
        [-8.8, wall_z],
        [-30, wall_z],
      ],
      { colour: second.grass, texture: rough(seed + 6, { size_px: 16, depth: 0.35, grain: 0.3 }) },
    ),
    ground(
      view,
      [
        [-6.4, 2],
        [-6.1, 2],
        [-8.5, wall_z],
        [-8.8, wall_z],
      ],
      { colour: second.gravel_edge },
    ),
    plot(view, [-30, 16.2, 30, wall_z], {
      colour: second.earth,
      texture: rough(seed + 7, { size_px: 18, depth: 0.25, grain: 0.2 }),
    }),
  ];
}

function things(seed: number): Shape[] {
  const [foot, fork] = [project(view, { x: -10.6, y: 0, z: 16 }), project(view, { x: -10.3, y: 4.4, z: 16 })];
  return [
    capsule(foot, 17, fork, 11, { colour: second.trunk, shading: 0.5 }),
    panel(view, 16.4, [6.4, 0, 7.2, 1.15], { colour: second.bin, shading: 0.4 }),
    panel(view, 16.4, [6.35, 1.1, 7.25, 1.22], { colour: second.bin, shading: 0.2 }),
    ...foliage(view, { x: -8.5, y: 0.3, z: 16.5, rx: 1.4, ry: 0.35, leaf_m: 0.11, count: 120, seed: seed + 12 }, [
      second.leaf_dark,
      second.leaf_olive,
    ]),
  ];
}

function crown(seed: number, at_ms: number): Shape[] {
  return foliage(
    view,
    { x: -10.2, y: 5, z: 16, rx: 2.6, ry: 1.5, leaf_m: 0.14, count: 330, seed: seed + 13, sway_px: 1.6 },
    leaves,
    at_ms,
  );
}

function pot(): Shape[] {
  return [
    wall(
      view,
      9,
      [
        [-4.78, 0],
        [-4.42, 0],
        [-4.3, 0.5],
        [-4.9, 0.5],
      ],
      { colour: second.pot, shading: 0.5 },
    ),
    panel(view, 9, [-4.94, 0.46, -4.26, 0.6], { colour: second.pot, shading: 0.2 }),
  ];
}
