import type { Rgb } from "../draw/colour.ts";
import type { Pose } from "../path.ts";
import { ball, type Figure, type Label, limb, type Part, plate, type Spot, spot } from "./figure.ts";

/** A corner of a side view in metres: forward of the middle, up from the ground. */
type Corner = readonly [f: number, u: number];

/** A vehicle by its side view, front to the right. */
export interface Coachwork {
  label: Label;
  half_width_m: number;
  /** The whole side, upper edge from the back to the front, without windows and wheels. */
  upper_edge: readonly Corner[];
  /** How high the sill is. */
  sill_m: number;
  windows: readonly (readonly Corner[])[];
  /** Which lengths of the upper edge are glass (by the index of their first corner). */
  glass_edges: readonly number[];
  wheels: { at: readonly number[]; radius_m: number };
  paint: Rgb;
  trim: Rgb;
  glass: Rgb;
  tyre: Rgb;
  hub: Rgb;
  front_light: Rgb;
  rear_light: Rgb;
}

/** A vehicle that is seen from its side and a little from above; its wheels turn with the way gone. */
export function vehicle(work: Coachwork): Figure {
  const front = Math.max(...work.upper_edge.map(([f]) => f));
  return {
    label: work.label,
    sort_by_depth: false,
    shadow: { half_f: front * 1.08, half_s: work.half_width_m * 1.3 },
    parts(pose) {
      const near = (pose.dx >= 0 ? 1 : -1) * work.half_width_m;
      return [...topOf(work, near), ...sideOf(work, near), ...lightsOf(work, near), ...wheelsOf(work, near, pose)];
    },
  };
}

function topOf({ upper_edge, glass_edges, paint, glass }: Coachwork, near: number): Part[] {
  return upper_edge.slice(1).map(([f, u], i) => {
    const [f0, u0] = upper_edge[i]!;
    const corners = [spot(f0, near, u0), spot(f, near, u), spot(f, -near, u), spot(f0, -near, u0)];
    return plate(corners, { colour: glass_edges.includes(i) ? glass : paint, shading: 0.15 });
  });
}

function sideOf({ upper_edge, sill_m, windows, paint, trim, glass }: Coachwork, near: number): Part[] {
  const at = ([f, u]: Corner) => spot(f, near, u);
  const back = upper_edge[0]!;
  const front = upper_edge[upper_edge.length - 1]!;
  return [
    plate([...upper_edge.map(at), at([front[0], sill_m]), at([back[0], sill_m])], { colour: paint, shading: 0.3 }),
    plate(
      [
        at([back[0], sill_m + 0.12]),
        at([front[0], sill_m + 0.12]),
        at([front[0] - 0.1, sill_m - 0.08]),
        at([back[0] + 0.1, sill_m - 0.08]),
      ],
      { colour: trim },
    ),
    ...windows.map((window) => plate(window.map(at), { colour: glass, shading: 0.5 })),
  ];
}

function lightsOf({ upper_edge, front_light, rear_light }: Coachwork, near: number): Part[] {
  const back = upper_edge[0]!;
  const front = upper_edge[upper_edge.length - 1]!;
  return [
    limb(spot(front[0] - 0.16, near, front[1] - 0.1), 0.07, spot(front[0] - 0.07, near, front[1] - 0.12), 0.07, {
      colour: front_light,
    }),
    limb(spot(back[0] + 0.08, near, back[1] - 0.08), 0.06, spot(back[0] + 0.08, near, back[1] - 0.22), 0.06, {
      colour: rear_light,
    }),
  ];
}

function wheelsOf({ wheels: { at, radius_m: r }, tyre, hub }: Coachwork, near: number, { gone_m }: Pose): Part[] {
  return at.flatMap((f) => {
    const hubAt: Spot = spot(f, near, r);
    const turned = -gone_m / r;
    const spoke = (n: number) => {
      const angle = turned + (n * 2 * Math.PI) / 5;
      return limb(hubAt, r * 0.1, spot(f + Math.cos(angle) * r * 0.52, near, r + Math.sin(angle) * r * 0.52), r * 0.1, {
        colour: tyre,
      });
    };
    return [
      ball(hubAt, r, r, { colour: tyre, shading: 0 }),
      ball(hubAt, r * 0.62, r * 0.62, { colour: hub }),
      ...[0, 1, 2, 3, 4].map(spoke),
    ];
  });
}
