import type { Rgb } from "../draw/colour.ts";
import type { Pose } from "../path.ts";
import { ball, limb, type Part, plate, spot } from "./figure.ts";

/** A rucksack. */
export function rucksack(colour: Rgb): (pose: Pose) => Part[] {
  return () => [limb(spot(-0.2, 0, 1.33), 0.12, spot(-0.22, 0, 1.07), 0.13, { colour })];
}

/** A coat down to the knees and a hat. */
export function coatAndHat(coat: Rgb, hat: Rgb): (pose: Pose) => Part[] {
  return ({ gone_m }) => {
    const sway = 0.04 * Math.sin(gone_m * 4.3);
    const half = (side: 1 | -1) =>
      limb(spot(0, 0.12 * side, 1.34), 0.115, spot(sway, 0.12 * side, 0.52), 0.16, { colour: coat });
    return [
      half(1),
      half(-1),
      limb(spot(0.01, 0, 1.34), 0.13, spot(sway, 0, 0.52), 0.18, { colour: coat }),
      ball(spot(0, 0, 1.71), 0.17, 0.03, { colour: hat }),
      ball(spot(0, 0, 1.76), 0.1, 0.075, { colour: hat }),
    ];
  };
}

/** An open umbrella in the right hand, over the head. */
export function umbrella(cloth: Rgb, rib: Rgb, stick: Rgb): (pose: Pose) => Part[] {
  return ({ dx, dz }) => {
    const seen = (right_m: number, u: number) => spot(0.12 + right_m * dx, 0.14 + right_m * dz, u);
    const bow = (half_m: number) =>
      Array.from({ length: 13 }, (_, i) =>
        seen(-half_m * Math.cos((i / 12) * Math.PI), 1.9 + 0.36 * Math.sin((i / 12) * Math.PI)),
      );
    return [
      limb(spot(0.22, 0.22, 1.12), 0.014, spot(0.12, 0.14, 2.3), 0.012, { colour: stick }),
      plate(bow(0.6), { colour: cloth, shading: 0.4 }),
      plate(bow(0.22), { colour: rib, shading: 0.4 }),
    ];
  };
}
