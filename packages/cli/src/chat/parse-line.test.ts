import { expect, test } from "vitest";
import { completeLine, parseLine } from "./parse-line.ts";

test.each([
  ["Who came?", { what: "question", text: "Who came?" }],
  ["  ", { what: "nothing" }],
  ["/new", { what: "command", name: "new", argument: "" }],
  ["/session  s-1 ", { what: "command", name: "session", argument: "s-1" }],
  ["/rag off", { what: "command", name: "rag", argument: "off" }],
  ["/frobnicate now", { what: "unknown", name: "frobnicate" }],
  ["/", { what: "unknown", name: "" }],
  ["/etc/hosts is what?", { what: "question", text: "/etc/hosts is what?" }],
  [" /new is what?", { what: "question", text: "/new is what?" }],
  ["/constructor", { what: "unknown", name: "constructor" }],
])("parseLine() reads %j", (line, typed) => {
  expect(parseLine(line)).toEqual(typed);
});

test("completeLine() offers the commands that begin so, and nothing for questions", () => {
  expect(completeLine("/s")).toEqual([["/session", "/sources"], "/s"]);
  expect(completeLine("so")).toEqual([[], "so"]);
});
