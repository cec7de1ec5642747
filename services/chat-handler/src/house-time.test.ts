import { expect, test } from "vitest";
import { durationWords, HouseTime } from "./house-time.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOON = Date.UTC(2026, 10, 20, 11);

test.each([
  ["Europe/Berlin", "Friday, 20 November 2026", "12:00", "afternoon"],
  ["America/New_York", "Friday, 20 November 2026", "06:00", "morning"],
  ["Asia/Tokyo", "Friday, 20 November 2026", "20:00", "evening"],
  ["Pacific/Auckland", "Saturday, 21 November 2026", "00:00", "night"],
])("wordsOf() says date, time and part of the day as they are in %s", (zone, date, time, part) => {
  expect(new HouseTime(zone).wordsOf(NOON)).toMatchObject({ date, time, part });
});

test.each([
  [0, "at 12:00"],
  [11 * HOUR_MS, "at 01:00"],
  [13 * HOUR_MS, "yesterday at 23:00"],
  [2 * DAY_MS, "on Wednesday at 12:00"],
  [7 * DAY_MS, "on Friday, 13 November 2026 at 12:00"],
  [-2 * DAY_MS, "on Sunday, 22 November 2026 at 12:00"],
])("relative() says a moment %d ms ago as people do", (ago_ms, words) => {
  expect(new HouseTime("Europe/Berlin").relative(NOON - ago_ms, NOON)).toBe(words);
});

test.each([
  [0, null],
  [119_999, null],
  [2 * MINUTE_MS, "2 minutes"],
  [119 * MINUTE_MS, "119 minutes"],
  [47 * HOUR_MS, "47 hours"],
  [13 * DAY_MS, "13 days"],
  [30 * DAY_MS, "4 weeks"],
])("durationWords() of %d ms is %s", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});
