import { car, dog, dogOwner, visitor, walker } from "./cast-first.ts";
import type { Sensor } from "./draw/sensor.ts";
import { makeScene } from "./make-scene.ts";
import { drivewaySite } from "./places/driveway.ts";
import { frontDoorSite } from "./places/front-door.ts";
import { first } from "./places/palette-first.ts";
import type { Scene } from "./scene.ts";
import { makeStage, type Script, type Stage } from "./stage.ts";

const byDay: Sensor = { noise_sigma: 2.2 };
const fps = 10;

/** The first set: 640 x 480, two cameras on a sunny day and a still night. */
export function scenes(seed = 1): Scene[] {
  return firstStages(seed).map(makeScene);
}

/** The first set before it becomes JPEG. */
export function firstStages(seed: number): Stage[] {
  return [...driveway(seed), ...frontDoor(seed)].map((script) => makeStage(script, seed));
}

function driveway(seed: number): Script[] {
  const site = drivewaySite(seed);
  const day = { site, fps, night: false, sensor: byDay };
  return [
    {
      ...day,
      name: "person-walking",
      title: "Simulated: a person walks over the lawn and down the drive",
      duration_ms: 14_000,
      actors: [
        {
          object_id: "person-1",
          figure: walker(),
          path: [
            { at_ms: 1_000, x: -5.2, z: 6.6 },
            { at_ms: 6_000, x: 1.6, z: 6 },
            { at_ms: 8_500, x: 1.9, z: 9.4 },
            { at_ms: 9_800, x: 2.4, z: 10.6 },
            { at_ms: 13_200, x: 8.2, z: 10.4 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "car-passing",
      title: "Simulated: two cars pass in the street",
      duration_ms: 10_000,
      actors: [
        {
          object_id: "car-1",
          figure: car(first.car_red),
          path: [
            { at_ms: 1_000, x: -11.5, z: 12.6 },
            { at_ms: 4_600, x: 11.5, z: 12.6 },
          ],
        },
        {
          object_id: "car-2",
          figure: car(first.car_blue),
          path: [
            { at_ms: 5_200, x: 13.5, z: 14.9 },
            { at_ms: 9_200, x: -13.5, z: 14.9 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "dog-trotting",
      title: "Simulated: a dog trots over the lawn",
      duration_ms: 9_000,
      actors: [
        {
          object_id: "dog-1",
          figure: dog(),
          path: [
            { at_ms: 1_000, x: 4.9, z: 5.6 },
            { at_ms: 4_000, x: -0.8, z: 5.2 },
            { at_ms: 5_500, x: -0.8, z: 5.2 },
            { at_ms: 8_200, x: -6, z: 6.4 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "still-night",
      title: "Simulated: a night in which nothing moves",
      duration_ms: 8_000,
      night: true,
      actors: [],
      sensor: {
        noise_sigma: 6,
        light: (x, y) => 0.15 + 0.5 * Math.exp(-(((x - 180) / 130) ** 2 + ((y - 240) / 90) ** 2)),
      },
    },
  ];
}

function frontDoor(seed: number): Script[] {
  const site = frontDoorSite(seed);
  const day = { site, fps, night: false, sensor: byDay };
  return [
    {
      ...day,
      name: "visitor-at-door",
      title: "Simulated: a person comes, stands ten seconds at the door and leaves",
      duration_ms: 24_000,
      actors: [
        {
          object_id: "person-1",
          figure: visitor(),
          path: [
            { at_ms: 1_000, x: 5.2, z: 6.4 },
            { at_ms: 4_000, x: 1.6, z: 7.7 },
            { at_ms: 6_200, x: -1.1, z: 7.9 },
            { at_ms: 6_800, x: -1.1, z: 8.5 },
            { at_ms: 16_800, x: -1.1, z: 8.5 },
            { at_ms: 17_600, x: -0.9, z: 7.8 },
            { at_ms: 20_500, x: 2.6, z: 7.2 },
            { at_ms: 23_200, x: 5.8, z: 6 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "person-and-dog",
      title: "Simulated: a person walks a dog past the house",
      duration_ms: 14_000,
      actors: [
        {
          object_id: "person-1",
          figure: dogOwner(),
          path: [
            { at_ms: 1_000, x: -5.4, z: 6.2 },
            { at_ms: 7_000, x: 1.2, z: 5.4 },
            { at_ms: 8_500, x: 1.2, z: 5.4 },
            { at_ms: 13_200, x: 6.2, z: 5.8 },
          ],
        },
        {
          object_id: "dog-1",
          figure: dog(),
          path: [
            { at_ms: 1_000, x: -4.3, z: 5.8 },
            { at_ms: 7_000, x: 2.3, z: 5 },
            { at_ms: 8_700, x: 2.3, z: 5 },
            { at_ms: 13_000, x: 7, z: 5.4 },
          ],
        },
      ],
    },
  ];
}
