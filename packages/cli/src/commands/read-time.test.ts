import { expect, test } from "vitest";
import { readTime } from "./read-time.ts";
import { readFrom } from "./watch.ts";

const NOW_MS = 1_763_000_000_000;

test("readTime() reads how long ago, a date and a time, and nothing else", () => {
  expect(readTime("10m", NOW_MS)).toBe(NOW_MS - 600_000);
  expect(readTime("2d", NOW_MS)).toBe(NOW_MS - 172_800_000);
  expect(readTime("2026-11-21T08:00:00Z", NOW_MS)).toBe(Date.UTC(2026, 10, 21, 8));
  expect(readTime("2026-11-21", NOW_MS)).toBe(new Date(2026, 10, 21).getTime());
  for (const text of ["", "10", "m", "10 m", "-5m", "tomorrow", "2026-13-41"])
    expect(readTime(text, NOW_MS)).toBeNull();
});

test("readFrom() tells a sequence from a time", () => {
  expect(readFrom("new", NOW_MS)).toBe("new");
  expect(readFrom("all", NOW_MS)).toBe("all");
  expect(readFrom("1201", NOW_MS)).toEqual({ seq: 1201 });
  expect(readFrom("1h", NOW_MS)).toEqual({ time_ms: NOW_MS - 3_600_000 });
  for (const text of ["0", "-1", "last", "1.5"]) expect(readFrom(text, NOW_MS)).toBeNull();
});
