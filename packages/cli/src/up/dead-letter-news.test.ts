import type { StoredMessage } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { showNews } from "../terminal/show-news.ts";
import { DeadLetterNews } from "./dead-letter-news.ts";
import type { News } from "./news.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup() {
  const told: News[] = [];
  const news = new DeadLetterNews((one) => told.push(one));
  const add = (seq: number, code: string) =>
    news.add({
      subject: "dead.detection-ingest",
      seq,
      time_ms: 0,
      headers: {
        "Gatehouse-Code": code,
        "Gatehouse-Reason": "Cannot\u001b[2J read it",
        "Gatehouse-Subject": "camera.gate.frame",
      },
    } as unknown as StoredMessage);
  const takeTold = () => told.splice(0).map((one) => (one.what === "dead" ? [one.code, one.seq, one.count] : one));
  return { told, news, add, takeTold };
}

test("DeadLetterNews tells the first of a code at once and those of the next 5 s together, as often as it takes", () => {
  const { add, takeTold } = setup();
  for (const seq of [1, 2, 3]) add(seq, "TRUNCATED");
  add(4, "UNDECODABLE");
  expect(takeTold()).toEqual([
    ["TRUNCATED", 1, 1],
    ["UNDECODABLE", 4, 1],
  ]);
  vi.advanceTimersByTime(4_999);
  expect(takeTold()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(takeTold()).toEqual([["TRUNCATED", 3, 2]]);
  add(5, "TRUNCATED");
  vi.advanceTimersByTime(5_000);
  expect(takeTold()).toEqual([["TRUNCATED", 5, 1]]);
  vi.advanceTimersByTime(5_000);
  add(6, "TRUNCATED");
  expect(takeTold()).toEqual([["TRUNCATED", 6, 1]]);
});

test("DeadLetterNews tells 32 codes at a time, and what is gathered when it is closed", () => {
  const { news, add, takeTold } = setup();
  for (let i = 0; i < 40; i++) add(i, `CODE_${i}`);
  expect(takeTold()).toHaveLength(32);
  add(40, "CODE_0");
  news.close();
  expect(takeTold()).toEqual([["CODE_0", 40, 1]]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what was given up is shown in one line: who, what, why, and where to look", () => {
  const { told, add } = setup();
  for (const seq of [16, 17, 18]) add(seq, "TRUNCATED");
  vi.advanceTimersByTime(5_000);
  const lines: string[] = [];
  const show = showNews({ write: (text) => lines.push(text), isTTY: false, columns: 80, env: {} });
  for (const one of told) show(one);
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ""))).toEqual([
    "detection-ingest gave up camera.gate.frame: TRUNCATED: Cannot [2J read it; gatehouse dead show 16\n",
    "detection-ingest gave up 2 more, the last of camera.gate.frame: TRUNCATED: Cannot [2J read it; gatehouse dead show 18\n",
  ]);
});
