import { expect, test } from "vitest";
import { askAgainMs } from "./judge-times.ts";

const MINUTE = 60_000;

test("askAgainMs() asks a model that is away every 10 s, for however long", () => {
  expect(askAgainMs(false, null, 0)).toBe(10_000);
  expect(askAgainMs(false, 0, 300 * MINUTE)).toBe(10_000);
});

test("askAgainMs() asks again ever more rarely after answers of no use, hourly in the end", () => {
  expect(askAgainMs(true, null, 0)).toBe(10_000);
  expect(askAgainMs(true, 0, MINUTE)).toBe(MINUTE);
  expect(askAgainMs(true, 0, 300 * MINUTE)).toBe(60 * MINUTE);
});
