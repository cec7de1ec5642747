import { waypoints } from "../path.ts";
import type { Site } from "../places/site.ts";
import type { Script } from "../stage.ts";
import { dog, dogOwner, visitor } from "./cast-first.ts";
import { sunny } from "./weather.ts";

/** What happens in front of the first set's door camera. */
export function frontDoorStories(site: Site): Script[] {
  return [visitorAtDoor(site), personAndDog(site)];
}

function visitorAtDoor(site: Site): Script {
  const path = waypoints(
    [1_000, 5.2, 6.4],
    [4_000, 1.6, 7.7],
    [6_200, -1.1, 7.9],
    [6_800, -1.1, 8.5],
    [16_800, -1.1, 8.5],
    [17_600, -0.9, 7.8],
    [20_500, 2.6, 7.2],
    [23_200, 5.8, 6],
  );
  return {
    ...sunny(site),
    name: "visitor-at-door",
    title: "Simulated: a person comes, stands ten seconds at the door and leaves",
    duration_ms: 24_000,
    actors: [{ object_id: "person-1", figure: visitor(), path }],
  };
}

function personAndDog(site: Site): Script {
  const owner = waypoints([1_000, -5.4, 6.2], [7_000, 1.2, 5.4], [8_500, 1.2, 5.4], [13_200, 6.2, 5.8]);
  const led = waypoints([1_000, -4.3, 5.8], [7_000, 2.3, 5], [8_700, 2.3, 5], [13_000, 7, 5.4]);
  return {
    ...sunny(site),
    name: "person-and-dog",
    title: "Simulated: a person walks a dog past the house",
    duration_ms: 14_000,
    actors: [
      { object_id: "person-1", figure: dogOwner(), path: owner },
      { object_id: "dog-1", figure: dog(), path: led },
    ],
  };
}
