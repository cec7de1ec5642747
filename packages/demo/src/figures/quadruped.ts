import type { Rgb } from "../draw/colour.ts";
import type { Pose } from "../path.ts";
import { ball, type Figure, type Label, limb, type Part, type Spot, spot } from "./figure.ts";

/** The measures of an animal on four legs, in metres. */
export interface Build {
  label: Label;
  /** From the hips to the shoulders. */
  back_m: number;
  /** From the ground to the back's middle line. */
  back_height_m: number;
  body_radius_m: number;
  head_radius_m: number;
  /** How far the head is above the back and before the shoulders. */
  neck: { up_m: number; forward_m: number };
  snout_m: number;
  /** Ears: above 0 they stand up, below 0 they hang. */
  ear_m: number;
  tail: { length_m: number /** Radians above level. */; lift: number };
  /** Metres per step of one leg. */
  stride_m: number;
  coat: Rgb;
  belly: Rgb;
  ears: Rgb;
  collar: Rgb;
}

/** An animal that trots: legs swing in diagonal pairs. */
export function quadruped(build: Build): Figure {
  return {
    label: build.label,
    sort_by_depth: true,
    shadow: { half_f: build.back_m * 1.1, half_s: build.body_radius_m * 1.6 },
    parts(pose) {
      const phase = pose.moving ? (pose.gone_m / build.stride_m) * 2 * Math.PI : null;
      const corners: [1 | -1, 1 | -1][] = [
        [1, 1],
        [1, -1],
        [-1, 1],
        [-1, -1],
      ];
      const legs = corners.flatMap(([end, side]) => leg(build, phase, end, side));
      return [...legs, ...body(build), ...head(build), tail(build, pose)];
    },
  };
}

function leg(build: Build, phase: number | null, end: 1 | -1, side: 1 | -1): Part[] {
  const swing = phase === null ? 0 : phase + (end * side === 1 ? 0 : Math.PI);
  const angle = phase === null ? 0 : 0.55 * Math.sin(swing);
  const lift = phase === null ? 0 : 0.8 * Math.max(0, Math.cos(swing));
  const half = build.back_height_m / 2;
  const hip = spot((end * build.back_m) / 2, side * build.body_radius_m * 0.55, build.back_height_m);
  const knee = below(hip, half, angle);
  const paw = below(knee, half * 0.92, angle - lift);
  const thick = build.body_radius_m;
  return [
    limb(hip, thick * 0.55, knee, thick * 0.3, { colour: build.coat }),
    limb(knee, thick * 0.3, paw, thick * 0.22, { colour: side === 1 ? build.coat : build.ears }),
  ];
}

function body({ back_m, back_height_m, body_radius_m: r, coat, belly }: Build): Part[] {
  const at = (f: number, u: number) => spot(f * back_m, 0, back_height_m + u);
  return [
    limb(at(-0.5, 0), r * 0.85, at(0.5, 0), r, { colour: coat }),
    limb(at(-0.35, -r * 0.45), r * 0.4, at(0.5, -r * 0.45), r * 0.55, { colour: belly }),
  ];
}

function head({
  back_m,
  back_height_m,
  body_radius_m,
  head_radius_m: r,
  neck,
  snout_m,
  ear_m,
  ...colours
}: Build): Part[] {
  const at = spot(back_m / 2 + neck.forward_m, 0, back_height_m + neck.up_m);
  const ear = (side: 1 | -1) => {
    const root = spot(at.f - r * 0.4, side * r * 0.75, at.u + r * 0.7);
    const tip = spot(root.f - Math.max(0, -ear_m) * 0.4, root.s + side * r * 0.15, root.u + ear_m);
    return limb(root, r * 0.42, tip, r * 0.16, { colour: colours.ears });
  };
  const throat = spot(back_m / 2 + neck.forward_m * 0.5, 0, back_height_m + neck.up_m * 0.5);
  return [
    limb(spot(back_m / 2, 0, back_height_m), body_radius_m * 0.75, at, r * 0.8, { colour: colours.coat }),
    limb(throat, r * 0.85, { ...throat, f: throat.f + 0.01 }, r * 0.85, { colour: colours.collar }),
    ball(at, r, r * 0.95, { colour: colours.coat }),
    limb(spot(at.f + r * 0.4, 0, at.u - r * 0.2), r * 0.55, spot(at.f + r + snout_m, 0, at.u - r * 0.45), r * 0.32, {
      colour: colours.belly,
    }),
    ear(1),
    ear(-1),
  ];
}

function tail({ back_m, back_height_m, body_radius_m: r, tail: { length_m, lift }, coat }: Build, pose: Pose): Part {
  const root = spot(-back_m / 2 - r * 0.6, 0, back_height_m + r * 0.4);
  const wag = lift + 0.25 * Math.sin(pose.gone_m * 7);
  const tip = spot(root.f - length_m * Math.cos(wag), 0, root.u + length_m * Math.sin(wag));
  return limb(root, r * 0.32, tip, r * 0.2, { colour: coat });
}

function below(from: Spot, length_m: number, angle: number): Spot {
  return spot(from.f + length_m * Math.sin(angle), from.s, from.u - length_m * Math.cos(angle));
}
