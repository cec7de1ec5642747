import type { Rgb } from "../draw/colour.ts";
import type { Pose } from "../path.ts";
import { ball, type Figure, limb, type Part, type Spot, spot } from "./figure.ts";

/** What somebody wears. */
export interface Outfit {
  skin: Rgb;
  hair: Rgb;
  top: Rgb;
  trousers: Rgb;
  shoes: Rgb;
  /** Bare arms below the elbow. Default false. */
  short_sleeves?: boolean;
  /** What else is worn or carried. It belongs to the person: it counts for the box. */
  extras?: (pose: Pose) => Part[];
}

/** Metres per two steps: about 0.8 of the body height at a walk. */
const stride_m = 1.45;

/** Somebody of 1.75 m whose legs and arms swing with the way gone. */
export function person(outfit: Outfit): Figure {
  return {
    label: "person",
    sort_by_depth: true,
    shadow: { half_f: 0.42, half_s: 0.36 },
    parts(pose) {
      const swing = pose.moving ? (pose.gone_m / stride_m) * 2 * Math.PI : null;
      const legs = [leg(outfit, swing, 1), leg(outfit, swing, -1)];
      const sunk = Math.min(...legs.map((l) => l.ankle.u)) - 0.06;
      const above = [
        ...trunk(outfit),
        ...arm(outfit, swing, 1),
        ...arm(outfit, swing, -1),
        ...legs.flatMap((l) => l.parts),
      ];
      return [...above, ...(outfit.extras?.(pose) ?? [])].map((part) => lower(part, sunk));
    },
  };
}

function leg({ trousers, shoes }: Outfit, swing: number | null, side: 1 | -1): { parts: Part[]; ankle: Spot } {
  const phase = (swing ?? 0) + (side === 1 ? 0 : Math.PI);
  const thigh = swing === null ? 0.02 * side : 0.5 * Math.sin(phase);
  const bend = swing === null ? 0 : 0.12 + 0.75 * Math.max(0, Math.cos(phase));
  const hip = spot(0, 0.095 * side, 0.9);
  const knee = reach(hip, 0.44, thigh);
  const ankle = reach(knee, 0.42, thigh - bend);
  const toe = spot(ankle.f + 0.17 * Math.cos(bend), ankle.s, ankle.u - 0.02 - 0.12 * Math.sin(bend) * 0.5);
  const parts = [
    limb(hip, 0.095, knee, 0.068, { colour: trousers }),
    limb(knee, 0.068, ankle, 0.05, { colour: trousers }),
    limb(ankle, 0.055, toe, 0.04, { colour: shoes }),
  ];
  return { parts, ankle };
}

function arm({ top, skin, short_sleeves }: Outfit, swing: number | null, side: 1 | -1): Part[] {
  const angle = swing === null ? 0.05 : -0.45 * Math.sin(swing + (side === 1 ? 0 : Math.PI));
  const shoulder = spot(0, 0.21 * side, 1.39);
  const elbow = { ...reach(shoulder, 0.29, angle), s: 0.25 * side };
  const hand = { ...reach(elbow, 0.25, angle + 0.3), s: 0.25 * side };
  return [
    limb(shoulder, 0.065, elbow, 0.05, { colour: top }),
    limb(elbow, 0.045, hand, 0.035, { colour: short_sleeves ? skin : top }),
    ball(hand, 0.045, 0.05, { colour: skin }),
  ];
}

function trunk({ top, trousers, skin, hair }: Outfit): Part[] {
  const half = (side: 1 | -1) =>
    limb(spot(0, 0.12 * side, 1.36), 0.1, spot(0, 0.08 * side, 0.97), 0.1, { colour: top });
  return [
    limb(spot(0, 0.06, 0.93), 0.115, spot(0, -0.06, 0.93), 0.115, { colour: trousers }),
    half(1),
    half(-1),
    limb(spot(0, 0, 1.37), 0.125, spot(0, 0, 0.97), 0.12, { colour: top }),
    limb(spot(0, 0, 1.42), 0.05, spot(0.01, 0, 1.55), 0.05, { colour: skin }),
    ball(spot(-0.04, 0, 1.67), 0.092, 0.105, { colour: hair }),
    ball(spot(0.045, 0, 1.62), 0.078, 0.112, { colour: skin }),
  ];
}

/** The end of a bone that hangs from `from`, turned forward by `angle` (radians). */
function reach(from: Spot, length_m: number, angle: number): Spot {
  return spot(from.f + length_m * Math.sin(angle), from.s, from.u - length_m * Math.cos(angle));
}

function lower(part: Part, by_m: number): Part {
  const down = (at: Spot) => ({ ...at, u: at.u - by_m });
  if (part.kind === "limb") return { ...part, a: down(part.a), b: down(part.b) };
  if (part.kind === "ball") return { ...part, at: down(part.at) };
  return { ...part, corners: part.corners.map(down) };
}
