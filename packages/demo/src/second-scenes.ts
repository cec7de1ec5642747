import { cat, coatWearer, courier, jumperWearer, umbrellaBearer, van } from "./cast-second.ts";
import type { Sensor } from "./draw/sensor.ts";
import { makeScene } from "./make-scene.ts";
import { courtyardSite } from "./places/courtyard.ts";
import { sideGateSite } from "./places/side-gate.ts";
import type { Scene } from "./scene.ts";
import { makeStage, type Script, type Stage } from "./stage.ts";

/** Clouds pass: 4 % brighter and darker within 25 s. */
const drifting: Sensor = { noise_sigma: 2.8, gain: (at_ms) => 1 + 0.04 * Math.sin((at_ms / 25_000) * 2 * Math.PI) };
const infrared: Sensor = {
  noise_sigma: 5,
  grey: true,
  light: (x, y) => 0.25 + 0.5 * Math.exp(-(((x - 400) / 330) ** 2 + ((y - 330) / 260) ** 2)),
};
const fps = 10;

/** The second set, with another look: 1280 x 720 and 800 x 600, autumn, wind, other people. Nothing is to be tuned on it. */
export function secondScenes(seed = 1): Scene[] {
  return secondStages(seed).map(makeScene);
}

/** The second set before it becomes JPEG. */
export function secondStages(seed: number): Stage[] {
  return [...courtyard(seed), ...sideGate(seed)].map((script) => makeStage(script, seed));
}

function courtyard(seed: number): Script[] {
  const site = courtyardSite(seed);
  const day = { site, fps, night: false, sensor: drifting };
  return [
    {
      ...day,
      name: "umbrella-walker",
      title: "Simulated: somebody crosses the yard under an umbrella",
      duration_ms: 12_000,
      actors: [
        {
          object_id: "person-1",
          figure: umbrellaBearer(),
          path: [
            { at_ms: 1_200, x: 8, z: 10 },
            { at_ms: 8_000, x: -1.4, z: 11.5 },
            { at_ms: 11_400, x: -1.4, z: 16 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "two-crossing",
      title: "Simulated: two people pass each other in the yard",
      duration_ms: 12_000,
      actors: [
        {
          object_id: "person-1",
          figure: jumperWearer(),
          path: [
            { at_ms: 1_000, x: -8.4, z: 10.4 },
            { at_ms: 11_000, x: 8, z: 9.6 },
          ],
        },
        {
          object_id: "person-2",
          figure: coatWearer(),
          path: [
            { at_ms: 1_600, x: 8.6, z: 11.4 },
            { at_ms: 11_400, x: -9, z: 11.2 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "van-delivery",
      title: "Simulated: a van comes, a courier gets out, both leave",
      duration_ms: 22_000,
      actors: [
        {
          object_id: "truck-1",
          figure: van(),
          path: [
            { at_ms: 1_000, x: -12.5, z: 13 },
            { at_ms: 5_000, x: 1.6, z: 13 },
            { at_ms: 16_500, x: 1.6, z: 13 },
            { at_ms: 20_500, x: 13, z: 13 },
          ],
        },
        {
          object_id: "person-1",
          figure: courier(),
          path: [
            { at_ms: 6_500, x: 2.6, z: 11.6 },
            { at_ms: 9_500, x: -1, z: 9.4 },
            { at_ms: 12_000, x: -1, z: 9.4 },
            { at_ms: 15_500, x: 2.8, z: 11.6 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "windy-yard",
      title: "Simulated: wind in the leaves, nobody there",
      duration_ms: 8_000,
      actors: [],
    },
  ];
}

function sideGate(seed: number): Script[] {
  const site = sideGateSite(seed);
  const day = { site, fps, night: false, sensor: drifting };
  const cross = [
    { at_ms: 1_000, x: -4.6, z: 6.2 },
    { at_ms: 4_200, x: -0.4, z: 5.8 },
    { at_ms: 6_200, x: -0.4, z: 5.8 },
    { at_ms: 9_000, x: 3, z: 6.8 },
  ];
  return [
    {
      ...day,
      name: "coat-at-gate",
      title: "Simulated: somebody in a coat waits at the gate",
      duration_ms: 19_000,
      actors: [
        {
          object_id: "person-1",
          figure: coatWearer(),
          path: [
            { at_ms: 1_000, x: -5.8, z: 7.4 },
            { at_ms: 4_200, x: -1.2, z: 7.2 },
            { at_ms: 6_000, x: -0.7, z: 9.7 },
            { at_ms: 13_000, x: -0.7, z: 9.7 },
            { at_ms: 15_000, x: -1.3, z: 7 },
            { at_ms: 18_200, x: -6, z: 6.6 },
          ],
        },
      ],
    },
    {
      ...day,
      name: "cat-crossing",
      title: "Simulated: a cat crosses the slabs",
      duration_ms: 10_000,
      actors: [{ object_id: "cat-1", figure: cat(), path: cross }],
    },
    {
      ...day,
      name: "cat-by-night",
      title: "Simulated: the cat again, seen in infrared",
      duration_ms: 10_000,
      night: true,
      sensor: infrared,
      actors: [{ object_id: "cat-1", figure: cat(), path: cross }],
    },
  ];
}
