import { expect, test } from "vitest";
import { grown } from "./window.ts";

const turn = (asked: string, answered = "") => ({ asked, answered });

test("grown() adds a turn, and leaves the oldest out that have no room in the budget of tokens", () => {
  const history = [turn("aaaa", "bbbb"), turn("cccc", "dddd")];
  expect(grown({ turns: 2, history }, turn("eeee", "ffff"), 3, 6)).toEqual({
    turns: 3,
    history: [...history, turn("eeee", "ffff")],
  });
  expect(grown({ turns: 2, history }, turn("eeee", "ffff"), 3, 5).history).toEqual([history[1], turn("eeee", "ffff")]);
});

test("grown() keeps whole turns only: one that has no room ends the window", () => {
  const history = [turn("a"), turn("b".repeat(100))];
  expect(grown({ turns: 2, history }, turn("c"), 3, 5).history).toEqual([turn("c")]);
  expect(grown({ turns: 2, history }, turn("c".repeat(100)), 3, 5).history).toEqual([]);
});
