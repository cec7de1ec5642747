import { describe, expect, test } from "vitest";
import { continues, firstTotals, isUrgent, labelsByCount, overBefore, reasonToClose, withSet } from "./batching.ts";
import { batchWith, RULES, setAt } from "./detections.fixture.ts";

const T = 1_000_000;
const S = 1_000;

describe("withSet()", () => {
  const first = firstTotals(setAt(T, ["person", 0.8]), RULES, 500 * S);
  const add = (set: Parameters<typeof withSet>[1], now_ms: number) =>
    withSet(first, set, RULES, { opened_at_ms: 500 * S, now_ms });

  test("counts boxes by label and sums up confidence", () => {
    const set = setAt(T + S, ["person", 0.7], ["dog", 0.95]);
    expect(add(set, 501 * S)).toMatchObject({
      started_at_ms: T,
      last_at_ms: T + S,
      detection_count: 3,
      labels: { person: 2, dog: 1 },
      confidence_sum: expect.closeTo(2.45),
      max_confidence: 0.95,
    });
  });

  test("closes idle_s after the set was taken, and max_s after the batch was opened at the latest", () => {
    expect(first.closes_at_ms).toBe(530 * S);
    expect(add(setAt(T + S, ["dog", 0.8]), 520 * S).closes_at_ms).toBe(550 * S);
    expect(add(setAt(T + S, ["dog", 0.8]), 580 * S).closes_at_ms).toBe(590 * S);
  });

  test("an older frame is counted and keeps nothing open; one out of turn is the first frame", () => {
    const older = add(setAt(T - S, ["person", 0.8]), 520 * S);
    expect(older).toMatchObject({ detection_count: 2, closes_at_ms: 530 * S, last_at_ms: T, started_at_ms: T - S });
  });

  test("a straggler from long before the batch does not move its start", () => {
    expect(add(setAt(T - 31 * S, ["person", 0.8]), 501 * S)).toMatchObject({ started_at_ms: T, detection_count: 2 });
    const long = { ...first, last_at_ms: T + 80 * S };
    const early = setAt(T - 20 * S, ["person", 0.8]);
    expect(withSet(long, early, RULES, { opened_at_ms: 500 * S, now_ms: 501 * S }).started_at_ms).toBe(T);
  });
});

describe("overBefore()", () => {
  const open = batchWith({ started_at_ms: T, last_at_ms: T + 70 * S });
  test.each([
    ["at the idle limit", T + 90 * S, null],
    ["over the age limit", T + 90 * S + 1, "timeout"],
    ["over both", T + 101 * S, "idle"],
    ["older than the batch", T - 500 * S, null],
  ])("%s", (_, captured_at_ms, reason) => expect(overBefore(open, captured_at_ms, RULES)).toBe(reason));

  test("over the idle limit alone", () => {
    const short = batchWith({ started_at_ms: T, last_at_ms: T });
    expect(overBefore(short, T + 30 * S, RULES)).toBeNull();
    expect(overBefore(short, T + 30 * S + 1, RULES)).toBe("idle");
  });
});

test("reasonToClose() tells a batch that was full of age from one where nothing more came", () => {
  expect(reasonToClose(batchWith({ opened_at_ms: 0, closes_at_ms: 90 * S }), RULES)).toBe("timeout");
  expect(reasonToClose(batchWith({ opened_at_ms: 0, closes_at_ms: 90 * S - 1 }), RULES)).toBe("idle");
});

test("isUrgent() wants the label and the confidence in one box", () => {
  expect(isUrgent(setAt(T, ["person", 0.9]).detections, RULES)).toBe(true);
  expect(isUrgent(setAt(T, ["person", 0.899], ["car", 0.99]).detections, RULES)).toBe(false);
});

describe("continues()", () => {
  const before = batchWith({ started_at_ms: T, last_at_ms: T + S });
  const after = (own: Parameters<typeof batchWith>[0]) => continues(before, batchWith(own));
  const at = (started_at_ms: number, last_at_ms = started_at_ms) => ({ started_at_ms, last_at_ms });

  test("within 5 s, in either order, and when both overlap", () => {
    expect(after(at(T + 6 * S))).toBe(true);
    expect(after(at(T + 6 * S + 1))).toBe(false);
    expect(after(at(T + S / 2, T + 9 * S))).toBe(true);
    expect(after(at(T - 5 * S))).toBe(true);
    expect(after(at(T - 3_600 * S))).toBe(false);
  });

  test("with the same main label", () => {
    expect(after({ ...at(T + 2 * S), labels: { dog: 1, person: 2 } })).toBe(true);
    expect(after({ ...at(T + 2 * S), labels: { dog: 2, person: 1 } })).toBe(false);
  });

  test("with a mean confidence within 0.15", () => {
    const mean = (confidence: number) => ({ detection_count: 4, confidence_sum: 4 * confidence });
    expect(after({ ...at(T + 2 * S), ...mean(0.94) })).toBe(true);
    expect(after({ ...at(T + 2 * S), ...mean(0.66) })).toBe(true);
    expect(after({ ...at(T + 2 * S), ...mean(0.96) })).toBe(false);
  });
});

test("labelsByCount() has the most frequent first, then by name", () => {
  expect(labelsByCount({ dog: 1, person: 3, car: 1 })).toEqual(["person", "car", "dog"]);
});
