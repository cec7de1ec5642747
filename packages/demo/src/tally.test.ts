import { expect, test } from "vitest";
import { blankPicture, paint } from "./draw/picture.ts";
import { polygon, type Shape } from "./draw/shape.ts";
import { Tally } from "./tally.ts";

function square(left: number, top: number, size: number): Shape {
  const corners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ].map(([x, y]) => ({ x: left + x! * size, y: top + y! * size }));
  return polygon(corners, { colour: [200, 0, 0] });
}

function setup() {
  const picture = blankPicture(100, 50);
  const tally = new Tally(picture);
  const show = (object_id: string, shape: Shape) =>
    paint(picture, shape, tally.show({ object_id, label: "person", moving: true }, [shape]));
  return { picture, tally, show };
}

test("truths() of a whole object is its box and fraction 1", () => {
  const { tally, show } = setup();
  show("a", square(10, 5, 20));
  expect(tally.truths()).toEqual([
    { object_id: "a", label: "person", moving: true, box: { x: 0.1, y: 0.1, w: 0.2, h: 0.4 }, visible_fraction: 1 },
  ]);
});

test("truths() clips an object at the picture's edge", () => {
  const { tally, show } = setup();
  show("a", square(-10, 10, 20));
  expect(tally.truths()[0]).toMatchObject({ box: { x: 0, y: 0.2, w: 0.1, h: 0.4 }, visible_fraction: 0.5 });
});

test("truths() leaves out what a nearer object or a thing hides", () => {
  const { picture, tally, show } = setup();
  show("far", square(10, 10, 20));
  show("near", square(25, 10, 20));
  paint(picture, square(10, 10, 5), tally.hide());
  const [far, near] = tally.truths();
  expect(far).toMatchObject({ box: { x: 0.1, w: 0.15 }, visible_fraction: (15 * 20 - 25) / 400 });
  expect(near).toMatchObject({ box: { x: 0.25, w: 0.2 }, visible_fraction: 1 });
});

test("truths() does not name what nobody can see", () => {
  const { picture, tally, show } = setup();
  show("outside", square(120, 10, 20));
  show("hidden", square(10, 10, 10));
  paint(picture, square(5, 5, 30), tally.hide());
  expect(tally.truths()).toEqual([]);
});
