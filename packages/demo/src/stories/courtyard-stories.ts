import { waypoints } from "../path.ts";
import type { Site } from "../places/site.ts";
import type { Script } from "../stage.ts";
import { coatWearer, courier, jumperWearer, umbrellaBearer, van } from "./cast-second.ts";
import { cloudy } from "./weather.ts";

/** What happens in front of the second set's yard camera. */
export function courtyardStories(site: Site): Script[] {
  return [umbrellaWalker(site), twoCrossing(site), vanDelivery(site), windyYard(site)];
}

function umbrellaWalker(site: Site): Script {
  const path = waypoints([1_200, 8, 10], [8_000, -1.4, 11.5], [11_400, -1.4, 16]);
  return {
    ...cloudy(site),
    name: "umbrella-walker",
    title: "Simulated: somebody crosses the yard under an umbrella",
    duration_ms: 12_000,
    actors: [{ object_id: "person-1", figure: umbrellaBearer(), path }],
  };
}

function twoCrossing(site: Site): Script {
  const near = waypoints([1_000, -8.4, 10.4], [11_000, 8, 9.6]);
  const far = waypoints([1_600, 8.6, 11.4], [11_400, -9, 11.2]);
  return {
    ...cloudy(site),
    name: "two-crossing",
    title: "Simulated: two people pass each other in the yard",
    duration_ms: 12_000,
    actors: [
      { object_id: "person-1", figure: jumperWearer(), path: near },
      { object_id: "person-2", figure: coatWearer(), path: far },
    ],
  };
}

function vanDelivery(site: Site): Script {
  const drive = waypoints([1_000, -12.5, 13], [5_000, 1.6, 13], [16_500, 1.6, 13], [20_500, 13, 13]);
  const carry = waypoints([6_500, 2.6, 11.6], [9_500, -1, 9.4], [12_000, -1, 9.4], [15_500, 2.8, 11.6]);
  return {
    ...cloudy(site),
    name: "van-delivery",
    title: "Simulated: a van comes, a courier gets out, both leave",
    duration_ms: 22_000,
    actors: [
      { object_id: "truck-1", figure: van(), path: drive },
      { object_id: "person-1", figure: courier(), path: carry },
    ],
  };
}

function windyYard(site: Site): Script {
  const title = "Simulated: wind in the leaves, nobody there";
  return { ...cloudy(site), name: "windy-yard", title, duration_ms: 8_000, actors: [] };
}
