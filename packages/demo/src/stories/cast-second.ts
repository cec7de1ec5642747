import type { Figure } from "../figures/figure.ts";
import { person } from "../figures/person.ts";
import { quadruped } from "../figures/quadruped.ts";
import { vehicle } from "../figures/vehicle.ts";
import { coatAndHat, rucksack, umbrella } from "../figures/wearing.ts";
import { second } from "../places/palette-second.ts";

/** Somebody in a mustard coat and hat. */
export const coatWearer = (): Figure =>
  person({
    skin: second.skin_d,
    hair: second.hair_e,
    top: second.mustard_coat,
    trousers: second.black_trousers,
    shoes: second.boots,
    extras: coatAndHat(second.mustard_coat, second.hat),
  });

/** Somebody under an umbrella. */
export const umbrellaBearer = (): Figure =>
  person({
    skin: second.skin_c,
    hair: second.hair_c,
    top: second.plum_coat,
    trousers: second.grey_trousers,
    shoes: second.boots,
    extras: umbrella(second.umbrella, second.umbrella_rib, second.stick),
  });

/** Somebody in a teal jumper with a green bag. */
export const jumperWearer = (): Figure =>
  person({
    skin: second.skin_c,
    hair: second.hair_d,
    top: second.teal_jumper,
    trousers: second.cord,
    shoes: second.trainers,
    extras: rucksack(second.bag),
  });

/** Somebody in a working vest, bare arms. */
export const courier = (): Figure =>
  person({
    skin: second.skin_d,
    hair: second.hair_e,
    top: second.orange_vest,
    trousers: second.grey_trousers,
    shoes: second.boots,
    short_sleeves: true,
  });

/** A cat with an upright tail, a quarter of a metre at the shoulder. */
export const cat = (): Figure =>
  quadruped({
    label: "cat",
    back_m: 0.3,
    back_height_m: 0.22,
    body_radius_m: 0.075,
    head_radius_m: 0.062,
    neck: { up_m: 0.09, forward_m: 0.09 },
    snout_m: 0.01,
    ear_m: 0.05,
    tail: { length_m: 0.26, lift: 1.25 },
    stride_m: 0.4,
    coat: second.cat_coat,
    belly: second.cat_belly,
    ears: second.cat_ears,
    collar: second.cat_collar,
  });

/** A delivery van of 5.2 m, 2.3 m high. */
export const van = (): Figure =>
  vehicle({
    label: "truck",
    half_width_m: 0.98,
    sill_m: 0.36,
    upper_edge: [
      [-2.6, 0.8],
      [-2.6, 2.2],
      [-2.5, 2.3],
      [1.0, 2.32],
      [1.75, 1.36],
      [2.45, 1.12],
      [2.6, 0.7],
    ],
    windows: [
      [
        [0.35, 1.3],
        [0.35, 2.05],
        [1.0, 2.05],
        [1.5, 1.3],
      ],
    ],
    glass_edges: [3],
    wheels: { at: [-1.7, 1.75], radius_m: 0.36 },
    paint: second.van,
    trim: second.van_trim,
    glass: second.van_glass,
    tyre: second.rubber,
    hub: second.wheel,
    front_light: second.head_light,
    rear_light: second.tail_light,
  });
