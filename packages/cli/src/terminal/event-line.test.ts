import { cameraEventCreated } from "@gatehouse/events";
import { expect, test } from "vitest";
import { eventLine } from "./event-line.ts";
import { paintFor } from "./paint.ts";

const { example } = cameraEventCreated;
const plain = paintFor({ isTTY: false, env: {} });
const toShow = (risk: Partial<typeof example.risk>) => ({
  event: { ...example, risk: { ...example.risk, ...risk } },
  state: "created",
  time_ms: Date.now(),
});

test("eventLine() shows camera, labels, risk, summary and state in one line of the terminal's width", () => {
  const line = eventLine(toShow({}), plain, 120);
  expect(line).toMatch(
    /^\d\d:\d\d:\d\d {2}front-door +person, dog +medium 42 +A person with a dog at the door {2}created$/,
  );
  const long = eventLine(toShow({ summary: "x".repeat(500) }), plain, 100);
  expect(long.length).toBe(100);
  expect(long).toContain("…");
});

test("eventLine() obeys nothing that a summary says to the terminal", () => {
  const line = eventLine(toShow({ summary: "red\u001b[31m\nnew line\u0007\u202eright to left" }), plain, 120);
  expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(line).toContain("red [31m new line right to left");
});

test("eventLine() says that nobody judged it yet, and colours the risk on a terminal only", () => {
  expect(eventLine(toShow({ status: "unscored", score: null, level: null, summary: "" }), plain, 120)).toMatch(
    /unscored +not judged yet/,
  );
  const coloured = eventLine(toShow({}), paintFor({ isTTY: true, env: {} }), 120);
  expect(coloured).toContain("\u001b[33mmedium 42\u001b[39m");
  expect(eventLine(toShow({}), paintFor({ isTTY: true, env: { NO_COLOR: "1" } }), 120)).not.toContain("\u001b");
});
