import { expect, test } from "vitest";
import { normaliseCameraId } from "./camera-id.ts";

test.each([
  ["Front Door", "front_door"],
  ["front-door", "front-door"],
  ["Café  (Süd)", "cafe_sud_"],
  ["ﬁrst №1", "first_no1"],
  ["../etc", "_etc"],
  ["A".repeat(80), "a".repeat(64)],
  ["前門", "_"],
])("normaliseCameraId() makes of %j %j", (name, id) => {
  expect(normaliseCameraId(name)).toBe(id);
});

test("normaliseCameraId() refuses a name of which nothing is left", () => {
  for (const name of ["", "\u0301"]) {
    expect(() => normaliseCameraId(name)).toThrow(expect.objectContaining({ code: "BAD_CAMERA_ID", retry: "never" }));
  }
});
