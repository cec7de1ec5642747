import { waypoints } from "../path.ts";
import { first } from "../places/palette-first.ts";
import type { Site } from "../places/site.ts";
import type { Script } from "../stage.ts";
import { car, dog, walker } from "./cast-first.ts";
import { sunny } from "./weather.ts";

/** What happens in front of the first set's driveway camera. */
export function drivewayStories(site: Site): Script[] {
  return [personWalking(site), carPassing(site), dogTrotting(site), stillNight(site)];
}

function personWalking(site: Site): Script {
  const path = waypoints(
    [1_000, -5.2, 6.6],
    [6_000, 1.6, 6],
    [8_500, 1.9, 9.4],
    [9_800, 2.4, 10.6],
    [13_200, 8.2, 10.4],
  );
  return {
    ...sunny(site),
    name: "person-walking",
    title: "Simulated: a person walks over the lawn and down the drive",
    duration_ms: 14_000,
    actors: [{ object_id: "person-1", figure: walker(), path }],
  };
}

function carPassing(site: Site): Script {
  const [there, back] = [
    waypoints([1_000, -11.5, 12.6], [4_600, 11.5, 12.6]),
    waypoints([5_200, 13.5, 14.9], [9_200, -13.5, 14.9]),
  ];
  return {
    ...sunny(site),
    name: "car-passing",
    title: "Simulated: two cars pass in the street",
    duration_ms: 10_000,
    actors: [
      { object_id: "car-1", figure: car(first.car_red), path: there },
      { object_id: "car-2", figure: car(first.car_blue), path: back },
    ],
  };
}

function dogTrotting(site: Site): Script {
  const path = waypoints([1_000, 4.9, 5.6], [4_000, -0.8, 5.2], [5_500, -0.8, 5.2], [8_200, -6, 6.4]);
  return {
    ...sunny(site),
    name: "dog-trotting",
    title: "Simulated: a dog trots over the lawn",
    duration_ms: 9_000,
    actors: [{ object_id: "dog-1", figure: dog(), path }],
  };
}

function stillNight(site: Site): Script {
  const lampLight = (x: number, y: number) => Math.exp(-(((x - 180) / 130) ** 2 + ((y - 240) / 90) ** 2));
  return {
    ...sunny(site),
    name: "still-night",
    title: "Simulated: a night in which nothing moves",
    duration_ms: 8_000,
    night: true,
    actors: [],
    sensor: { noise_sigma: 6, light: (x, y) => 0.15 + 0.5 * lampLight(x, y) },
  };
}
