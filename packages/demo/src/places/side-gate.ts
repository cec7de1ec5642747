import { capsule, polygon, type Shape } from "../draw/shape.ts";
import { bricks, planks, rough } from "../draw/texture.ts";
import { project, type View } from "../view.ts";
import { caption } from "./caption.ts";
import { second } from "./palette-second.ts";
import { foliage, ground, lazyBackdrop, panel, plot, type Site } from "./site.ts";

const view: View = { width: 800, height: 600, horizon_px: 96, focal_px: 610, camera_height_m: 3.5 };
const fence_z = 10.5;

/** Beside a house: slabs, a strip of grass, a wooden fence with a gate; a shrub moves in the wind. */
export function sideGateSite(seed: number): Site {
  return {
    name: "side-gate",
    view,
    backdrop: lazyBackdrop(view, () => [...behind(seed), ...fence(seed), ...floor(seed), ...house(seed)]),
    caption: caption(second.caption, second.caption_back, 2),
    props: [{ z: 9.6, shapes: (at_ms) => shrub(seed, at_ms) }],
  };
}

function behind(seed: number): Shape[] {
  const corners = [
    { x: -2, y: -2 },
    { x: 802, y: -2 },
    { x: 802, y: 600 },
    { x: -2, y: 600 },
  ];
  const trees = [-7, -3.5, 0.5, 4, 8].flatMap((x, n) =>
    foliage(
      view,
      { x, y: 2.3 + (n % 2) * 0.6, z: 16, rx: 2.5, ry: 1.7, leaf_m: 0.22, count: 190, seed: seed + 60 + n },
      [second.leaf_dark, second.leaf_olive, second.leaf_rust],
    ),
  );
  return [
    polygon(corners, { colour: second.cloud_low, texture: rough(seed, { size_px: 120, depth: 0.1, grain: 0 }) }),
    ...trees,
  ];
}

function fence(seed: number): Shape[] {
  const posts = [-7.5, -4.6, -1.6, 0.2, 3.2, 6.2].map((x) =>
    panel(view, fence_z, [x - 0.07, 0, x + 0.07, 2.15], { colour: second.fence_post, shading: 0.4 }),
  );
  return [
    panel(view, fence_z, [-9, 0, 9, 2], { colour: second.fence, texture: planks(seed + 1, 8) }),
    panel(view, fence_z, [-1.55, 0, 0.15, 1.9], { colour: second.gate, texture: planks(seed + 2, 12) }),
    ...posts,
  ];
}

function floor(seed: number): Shape[] {
  return [
    plot(view, [-12, 2, 12, fence_z], {
      colour: second.grass,
      texture: rough(seed + 3, { size_px: 15, depth: 0.34, grain: 0.3 }),
    }),
    ground(
      view,
      [
        [-2.2, 2],
        [0.8, 2],
        [0.4, fence_z],
        [-1.8, fence_z],
      ],
      { colour: second.slab, texture: bricks(seed + 4, 62, 34, 0.78) },
    ),
    plot(view, [2.9, 2, 3.6, fence_z], {
      colour: second.earth,
      texture: rough(seed + 5, { size_px: 10, depth: 0.3, grain: 0.3 }),
    }),
  ];
}

function house(seed: number): Shape[] {
  const corner = (z: number, y: number) => project(view, { x: 3.6, y, z });
  const side = [corner(2, 0), corner(fence_z + 1, 0), corner(fence_z + 1, 6), corner(2, 6)];
  const [low, high] = [project(view, { x: 3.5, y: 0.1, z: 9 }), project(view, { x: 3.5, y: 5, z: 9 })];
  return [
    polygon(side, { colour: second.plaster, texture: rough(seed + 6, { size_px: 70, depth: 0.12, grain: 0.07 }) }),
    capsule(low, 3.5, high, 3.5, { colour: second.timber, shading: 0.5 }),
  ];
}

function shrub(seed: number, at_ms: number): Shape[] {
  const colours = [second.leaf_olive, second.leaf_gold, second.leaf_dark];
  return foliage(
    view,
    { x: -4.2, y: 0.5, z: 9.6, rx: 1.1, ry: 0.55, leaf_m: 0.09, count: 180, seed: seed + 70, sway_px: 1.2 },
    colours,
    at_ms,
  );
}
