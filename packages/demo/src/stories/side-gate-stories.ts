import { waypoints } from "../path.ts";
import type { Site } from "../places/site.ts";
import type { Script } from "../stage.ts";
import { cat, coatWearer } from "./cast-second.ts";
import { cloudy, infrared } from "./weather.ts";

/** What happens in front of the second set's gate camera. */
export function sideGateStories(site: Site): Script[] {
  return [coatAtGate(site), catCrossing(site), catByNight(site)];
}

function coatAtGate(site: Site): Script {
  const path = waypoints(
    [1_000, -5.8, 7.4],
    [4_200, -1.2, 7.2],
    [6_000, -0.7, 9.7],
    [13_000, -0.7, 9.7],
    [15_000, -1.3, 7],
    [18_200, -6, 6.6],
  );
  return {
    ...cloudy(site),
    name: "coat-at-gate",
    title: "Simulated: somebody in a coat waits at the gate",
    duration_ms: 19_000,
    actors: [{ object_id: "person-1", figure: coatWearer(), path }],
  };
}

function catCrossing(site: Site): Script {
  const path = waypoints([1_000, -4.6, 6.2], [4_200, -0.4, 5.8], [6_200, -0.4, 5.8], [9_000, 3, 6.8]);
  return {
    ...cloudy(site),
    name: "cat-crossing",
    title: "Simulated: a cat crosses the slabs",
    duration_ms: 10_000,
    actors: [{ object_id: "cat-1", figure: cat(), path }],
  };
}

function catByNight(site: Site): Script {
  const title = "Simulated: the cat again, seen in infrared";
  return { ...catCrossing(site), ...infrared(site), name: "cat-by-night", title };
}
