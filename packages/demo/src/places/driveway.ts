import { capsule, ellipse, polygon, type Shape } from "../draw/shape.ts";
import { boards, bricks, fade, rough } from "../draw/texture.ts";
import { project, type View } from "../view.ts";
import { caption } from "./caption.ts";
import { first } from "./palette-first.ts";
import { foliage, ground, lazyBackdrop, panel, plot, type Site, wall, windowPane } from "./site.ts";

const view: View = { width: 640, height: 480, horizon_px: 138, focal_px: 470, camera_height_m: 2.8 };

/** From above a garage: a drive, lawns, a street with houses behind it. */
export function drivewaySite(seed: number): Site {
  return {
    name: "driveway",
    view,
    backdrop: lazyBackdrop(view, () => [...sky(), ...houses(seed), ...hedges(seed), ...street(seed), ...front(seed)]),
    caption: caption(first.caption, first.caption_back, 2),
    props: [
      { z: 9.7, shapes: lampPost },
      { z: 9.4, shapes: letterbox },
    ],
  };
}

function sky(): Shape[] {
  const all = [
    { x: 0, y: 0 },
    { x: 640, y: 0 },
    { x: 640, y: 480 },
    { x: 0, y: 480 },
  ];
  const blend = Array.from({ length: 30 }, (_, i) => {
    const y = i * 5;
    const t = i / 29;
    const colour = first.sky_high.map((c, k) => c + (first.sky_low[k]! - c) * t) as [number, number, number];
    return polygon(
      [
        { x: -2, y: y - 1 },
        { x: 642, y: y - 1 },
        { x: 642, y: y + 6 },
        { x: -2, y: y + 6 },
      ],
      { colour },
    );
  });
  return [polygon(all, { colour: first.sky_low }), ...blend];
}

function houses(seed: number): Shape[] {
  const z = 25;
  const fill = (colour: typeof first.house_a, pitch: number) => ({ colour, texture: boards(seed + 3, pitch) });
  return [
    plot(view, [-60, 17, 60, 60], {
      colour: first.far_lawn,
      texture: rough(seed, { size_px: 9, depth: 0.25, grain: 0.12 }),
    }),
    panel(view, z, [-16, 0, -6, 4.4], fill(first.house_a, 4)),
    wall(
      view,
      z,
      [
        [-16.8, 4.2],
        [-5.2, 4.2],
        [-8, 7.4],
        [-14, 7.4],
      ],
      { colour: first.roof_a, texture: bricks(seed, 9, 4, 0.8) },
    ),
    panel(view, z, [3, 0, 14.5, 4], { colour: first.house_b, texture: bricks(seed + 1, 7, 4) }),
    wall(
      view,
      z,
      [
        [2.2, 3.8],
        [15.3, 3.8],
        [12.6, 6.8],
        [4.6, 6.8],
      ],
      { colour: first.roof_b, texture: bricks(seed + 2, 9, 4, 0.8) },
    ),
    ...[-14.5, -8.6, 4.6, 11.6].flatMap((x) => windowPane(view, z, [x, 1.4, x + 1.5, 3], first.frame, first.glass)),
    panel(view, z, [-11.6, 0, -10.4, 2.3], { colour: first.door, shading: 0.3 }),
    panel(view, z, [7.6, 0, 10.6, 2.5], { colour: first.garage, texture: boards(seed, 9) }),
  ];
}

function hedges(seed: number): Shape[] {
  const greens = [first.hedge, first.hedge_light, first.hedge_dark];
  const tree = (x: number, n: number): Shape[] => {
    const [foot, crown] = [project(view, { x, y: 0, z: 20 }), project(view, { x, y: 3, z: 20 })];
    return [
      capsule(foot, 5, crown, 3, { colour: first.bark, shading: 0.5 }),
      ...foliage(view, { x, y: 4.8, z: 20, rx: 1.9, ry: 2.2, leaf_m: 0.34, count: 170, seed: seed + n }, greens),
    ];
  };
  return [
    ...[-12, -8, -4, 0, 4, 8, 12].flatMap((x, n) =>
      foliage(view, { x, y: 0.5, z: 18, rx: 2.4, ry: 0.55, leaf_m: 0.17, count: 160, seed: seed + 40 + n }, greens),
    ),
    ...tree(-2.6, 7),
    ...tree(17, 8),
  ];
}

function street(seed: number): Shape[] {
  const lines = [-14, -10, -6, -2, 2, 6, 10, 14].map((x) =>
    ground(
      view,
      [
        [x, 13.65],
        [x + 2, 13.65],
        [x + 2, 13.8],
        [x, 13.8],
      ],
      { colour: first.road_line },
    ),
  );
  const strip = (z0: number, z1: number) =>
    [
      [-30, z0],
      [30, z0],
      [30, z1],
      [-30, z1],
    ] as const;
  return [
    ground(view, strip(16, 17), {
      colour: first.pavement,
      texture: rough(seed, { size_px: 20, depth: 0.08, grain: 0.1 }),
    }),
    ground(view, strip(11.3, 16), {
      colour: first.asphalt,
      texture: rough(seed + 5, { size_px: 34, depth: 0.16, grain: 0.14 }),
    }),
    ...lines,
    ground(view, strip(11.1, 11.3), { colour: first.kerb }),
  ];
}

function front(seed: number): Shape[] {
  const strip = [
    [-30, 9.9],
    [30, 9.9],
    [30, 11.1],
    [-30, 11.1],
  ] as const;
  return [
    plot(view, [-30, 1, 30, 9.9], {
      colour: first.lawn,
      texture: rough(seed + 6, { size_px: 13, depth: 0.3, grain: 0.28 }),
    }),
    ground(view, strip, { colour: first.pavement, texture: bricks(seed + 7, 46, 60, 0.88) }),
    ground(
      view,
      [
        [0.2, 1],
        [3.4, 1],
        [3.8, 11.2],
        [0.2, 11.2],
      ],
      { colour: first.drive, texture: rough(seed + 8, { size_px: 40, depth: 0.1, grain: 0.12 }) },
    ),
    plot(view, [0.1, 1, 0.25, 9.9], { colour: first.kerb, texture: fade(200, 480, 0.9, 1.05) }),
  ];
}

function lampPost(): Shape[] {
  const [foot, top] = [project(view, { x: -3.4, y: 0, z: 9.7 }), project(view, { x: -3.4, y: 4.2, z: 9.7 })];
  return [
    capsule(foot, 4, top, 2.5, { colour: first.post, shading: 0.5 }),
    capsule(top, 2.5, { x: top.x + 18, y: top.y - 3 }, 2, { colour: first.post }),
    ellipse({ x: top.x + 24, y: top.y - 1 }, 9, 4, { colour: first.lamp, shading: 0.3 }),
  ];
}

function letterbox(): Shape[] {
  const [foot, top] = [project(view, { x: 4.5, y: 0, z: 9.4 }), project(view, { x: 4.5, y: 1.05, z: 9.4 })];
  return [
    capsule(foot, 3, top, 3, { colour: first.bark }),
    panel(view, 9.4, [4.25, 0.95, 4.8, 1.3], { colour: first.letterbox, shading: 0.4 }),
  ];
}
