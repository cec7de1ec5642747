import { expect, test } from "vitest";
import { storm } from "./storm.ts";

test("nothing is lost and nothing happens twice while everybody is killed and paused", async () => {
  const verdict = await storm({
    frames: 60,
    kills: 1,
    pauses: 1,
    replicas: 2,
    seed: 7,
    every_ms: 400,
    tell: () => undefined,
  });
  expect(verdict).toMatchObject({ faults: [], frames: 60, sets: 60 });
}, 240_000);
