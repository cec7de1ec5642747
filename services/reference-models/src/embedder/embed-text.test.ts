import { expect, test } from "vitest";
import { embedText, textDimensions } from "./embed-text.ts";

const alike = (a: string, b: string) => {
  const [left, right] = [embedText(a), embedText(b)];
  return left.reduce((sum, value, at) => sum + value * right[at]!, 0);
};

test.each(["The gate is open", "猫がいます", "?!", "", "a"])(
  "embedText(%j) is a unit vector, the same each time",
  (text) => {
    const vector = embedText(text);
    expect(vector).toHaveLength(textDimensions);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(embedText(text)).toEqual(vector);
  },
);

test("embedText() puts texts with the same words, or words of one stem, nearer than others", () => {
  const asked = "Who opened the garden gate?";
  expect(alike(asked, "The gate of the garden was opened by Mira")).toBeGreaterThan(
    alike(asked, "Ravens like walnuts on cold mornings"),
  );
  expect(alike("delivery", "deliveries")).toBeGreaterThan(alike("delivery", "recovery"));
  expect(alike("ＧＡＴＥ", "gate")).toBeCloseTo(1, 5);
  expect(Math.abs(alike("walnut", "motorcycle"))).toBeLessThan(0.2);
});
