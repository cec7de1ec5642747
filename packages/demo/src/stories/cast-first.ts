import type { Figure } from "../figures/figure.ts";
import { person } from "../figures/person.ts";
import { quadruped } from "../figures/quadruped.ts";
import { vehicle } from "../figures/vehicle.ts";
import { rucksack } from "../figures/wearing.ts";
import { first } from "../places/palette-first.ts";

/** Somebody in a red jacket with a rucksack. */
export const walker = (): Figure =>
  person({
    skin: first.skin_a,
    hair: first.hair_a,
    top: first.red_jacket,
    trousers: first.blue_jeans,
    shoes: first.white_shoes,
    extras: rucksack(first.charcoal),
  });

/** Somebody in a navy coat. */
export const visitor = (): Figure =>
  person({
    skin: first.skin_b,
    hair: first.hair_b,
    top: first.navy_coat,
    trousers: first.khaki,
    shoes: first.dark_shoes,
  });

/** Somebody in a yellow shirt with bare arms. */
export const dogOwner = (): Figure =>
  person({
    skin: first.skin_a,
    hair: first.hair_b,
    top: first.yellow_shirt,
    trousers: first.charcoal,
    shoes: first.dark_shoes,
    short_sleeves: true,
  });

/** A dog with hanging ears, half a metre at the shoulder. */
export const dog = (): Figure =>
  quadruped({
    label: "dog",
    back_m: 0.56,
    back_height_m: 0.46,
    body_radius_m: 0.14,
    head_radius_m: 0.1,
    neck: { up_m: 0.22, forward_m: 0.17 },
    snout_m: 0.09,
    ear_m: -0.13,
    tail: { length_m: 0.3, lift: 0.7 },
    stride_m: 0.75,
    coat: first.dog_coat,
    belly: first.dog_belly,
    ears: first.dog_ears,
    collar: first.dog_collar,
  });

/** A hatchback of 4.3 m. */
export const car = (paint: typeof first.car_red | typeof first.car_blue): Figure =>
  vehicle({
    label: "car",
    half_width_m: 0.85,
    sill_m: 0.3,
    upper_edge: [
      [-2.1, 0.62],
      [-2.08, 0.95],
      [-1.45, 1.42],
      [0.3, 1.46],
      [1.05, 0.98],
      [1.95, 0.82],
      [2.15, 0.6],
    ],
    windows: [
      [
        [-1.62, 1.0],
        [-1.3, 1.34],
        [-0.6, 1.37],
        [-0.6, 0.98],
      ],
      [
        [-0.5, 0.98],
        [-0.5, 1.37],
        [0.25, 1.38],
        [0.8, 0.98],
      ],
    ],
    glass_edges: [1, 3],
    wheels: { at: [-1.3, 1.32], radius_m: 0.33 },
    paint,
    trim: first.car_trim,
    glass: first.car_glass,
    tyre: first.tyre,
    hub: first.hub,
    front_light: first.lamp_front,
    rear_light: first.lamp_rear,
  });
