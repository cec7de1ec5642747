import { expect, test } from "vitest";
import { normalisedBox } from "./found-object.ts";

const picture = { width: 200, height: 100 };

test.each([
  ["inside", { x: 50, y: 25, width: 100, height: 50 }, { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }],
  ["over every edge", { x: -10, y: -10, width: 500, height: 500 }, { x: 0, y: 0, w: 1, h: 1 }],
  ["of no size", { x: 100, y: 50, width: 0, height: 0 }, { x: 0.5, y: 0.5, w: 0, h: 0 }],
  ["left of it", { x: -10, y: 0, width: 10, height: 10 }, null],
  ["right of it", { x: 200, y: 0, width: 10, height: 10 }, null],
  ["below it", { x: 0, y: 101, width: 10, height: 0 }, null],
  ["of negative size", { x: 50, y: 50, width: -1, height: 10 }, null],
])("normalisedBox() of a box %s", (_, box, wanted) => {
  expect(normalisedBox(box, picture)).toEqual(wanted);
});
