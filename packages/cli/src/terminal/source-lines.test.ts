import { expect, test } from "vitest";
import { paintFor } from "./paint.ts";
import { passageTexts, placeOf, sourceLines } from "./source-lines.ts";

const drawing = { paint: paintFor({ isTTY: false, env: {} }), columns: 70, cwd: "/home/ada" };
const sources = [
  { id: "p-1", uri: "file:///home/ada/notes/gate%20code.md", text: "# Gate\nAsk Ada", score: 0.93 },
  {
    id: "event.gate.f-81",
    uri: "/api/events/gate.f-81",
    text: "Security event at camera Gate (gate) on Friday, 20 November 2026 at 19:30, in the evening.\nSeen: dog.\nA dog came",
    score: 0.5,
  },
  { id: "turn.r-1", uri: "/api/chat/answers/r-1", text: "Conversation on Friday\nAsked: Who?", score: 0.4 },
  { id: "p-9", text: "Words of unknown origin that are longer than the terminal is wide", score: 0.3 },
];

test("sourceLines() numbers them, with where each is from and how it begins", () => {
  expect(sourceLines(sources, drawing)).toEqual([
    "  [1] notes/gate code.md  # Gate",
    "  [2] event gate.f-81  Friday, 20 November 2026 at 19:30  A dog came",
    "  [3] an earlier conversation  Conversation on Friday",
    "  [4] p-9  Words of unknown origin that are longer than the terminal …",
  ]);
});

test("placeOf() names a file below this folder by its path from here, all else in full", () => {
  expect(placeOf("file:///home/ada/a.md", "/home/ada")).toBe("a.md");
  expect(placeOf("file:///etc/a.md", "/home/ada")).toBe("/etc/a.md");
  expect(placeOf("file://elsewhere/a.md", "/home/ada")).toBe("file://elsewhere/a.md");
  expect(placeOf("https://example.com/a", "/home/ada")).toBe("https://example.com/a");
});

test("passageTexts() breaks the words to the terminal's width and obeys nothing in them", () => {
  const text = `${"word ".repeat(14)}\n\u001b[31mred`;
  expect(passageTexts([{ id: "p-1", text, score: 0.934 }], { ...drawing, columns: 40 })).toEqual([
    "  [1] p-1  0.93",
    "      word word word word word word",
    "      word word word word word word",
    "      word word",
    "      [31mred",
  ]);
  expect(passageTexts([{ id: "p-1", text: "x\n".repeat(50), score: 1 }], drawing)).toHaveLength(10);
});
