import { expect, test } from "vitest";
import { readCron } from "./occurrences.ts";

const utc = (iso: string) => Date.parse(`${iso}:00Z`);

/** The first occurrences after a time, as UTC. */
function following(cron: string, timezone: string, after: string, count: number): string[] {
  const occurrences = readCron(cron, timezone);
  const found: string[] = [];
  for (let time_ms = utc(after); found.length < count; ) {
    time_ms = occurrences.after(time_ms)!;
    found.push(new Date(time_ms).toISOString().slice(0, 16));
  }
  return found;
}

test("readCron() reads a clock on the wall of its time zone", () => {
  expect(following("0 3 * * *", "Europe/Berlin", "2026-01-10T00:00", 1)).toEqual(["2026-01-10T02:00"]);
  expect(following("0 3 * * *", "Asia/Kathmandu", "2026-01-10T00:00", 1)).toEqual(["2026-01-10T21:15"]);
  expect(following("0 0 29 2 *", "UTC", "2026-01-10T00:00", 1)).toEqual(["2028-02-29T00:00"]);
  expect(following("0 0 1 * MON", "UTC", "2026-03-29T00:00", 3)).toEqual([
    "2026-03-30T00:00",
    "2026-04-01T00:00",
    "2026-04-06T00:00",
  ]);
});

test("readCron() has a fixed time in the hour that is skipped come when that ends, and leaves an interval out", () => {
  expect(following("30 2,14 * * *", "Europe/Berlin", "2026-03-28T14:00", 2)).toEqual([
    "2026-03-29T01:00",
    "2026-03-29T12:30",
  ]);
  expect(following("*/30 2 * * *", "Europe/Berlin", "2026-03-28T14:00", 1)).toEqual(["2026-03-30T00:00"]);
  expect(following("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:20", 2)).toEqual([
    "2026-03-29T00:30",
    "2026-03-29T01:00",
  ]);
});

test("readCron() has a fixed time in the hour that is repeated come once, and an interval twice", () => {
  expect(following("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2)).toEqual([
    "2026-10-25T00:30",
    "2026-10-26T01:30",
  ]);
  expect(following("30 * * * *", "Europe/Berlin", "2026-10-25T00:00", 3)).toEqual([
    "2026-10-25T00:30",
    "2026-10-25T01:30",
    "2026-10-25T02:30",
  ]);
});

test.each(["Australia/Lord_Howe", "America/Havana"])(
  "readCron() agrees forwards and backwards through a year in %s",
  (timezone) => {
    for (const cron of ["15 0,2 * * *", "0 */6 * * *"]) {
      const occurrences = readCron(cron, timezone);
      let time_ms = utc("2026-01-01T00:00");
      for (let next_ms = time_ms; next_ms < utc("2027-01-01T00:00"); time_ms = next_ms) {
        next_ms = occurrences.after(time_ms)!;
        expect(next_ms).toBeGreaterThan(time_ms);
        expect(occurrences.atOrBefore(next_ms)).toBe(next_ms);
      }
    }
  },
);

test("readCron() knows what never comes", () => {
  expect(readCron("0 0 30 2 *", "UTC").after(0)).toBeNull();
});

test.each([
  ["", "UTC", "five fields"],
  ["* * * *", "UTC", "five fields"],
  ["* * * * * *", "UTC", "five fields"],
  ["@daily", "UTC", "five fields"],
  ["2026-01-01T00:00:00", "UTC", "five fields"],
  [`${"*".repeat(200)} * * * *`, "UTC", "five fields"],
  ["60 * * * *", "UTC", "minute: 60"],
  ["*/0 * * * *", "UTC", "stepping: 0"],
  ["0 0 * * x", "UTC", "x"],
  ["0 0 * * *", "Mars/Olympus", "Mars/Olympus"],
  ["0 0 * * *", "", "zone"],
])("readCron() refuses %j in %j", (cron, timezone, why) => {
  expect(() => readCron(cron, timezone)).toThrow(why);
  expect(() => readCron(cron, timezone)).toThrow(RangeError);
});
