import { tokensOf } from "@gatehouse/store";
import { expect, test } from "vitest";
import { type Block, heading, paragraph } from "../reading/block.ts";
import { splitBlocks, splitText, tokensOf as tokens } from "./split-blocks.ts";

/** Sentences that differ, of about 20 tokens each. */
const sentences = (from: number, count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `Sentence number ${from + i} tells of the house, its gate and what camera ${(from + i) % 7} saw there.`,
  ).join(" ");
const text = (paragraphs: number, from = 0): Block[] =>
  Array.from({ length: paragraphs }, (_, i) => paragraph(sentences((from + i) * 5, 5)));

test("tokensOf() counts as the store does", () => {
  for (const text of ["", "a", "four", "fives", "x".repeat(1_001)]) expect(tokens(text)).toBe(tokensOf(text));
});

test("splitBlocks() leaves what is short in one piece, below its title", () => {
  expect(
    splitBlocks("Boiler", [heading(1, "Restart"), paragraph("Hold the button."), paragraph("Wait.", true)]),
  ).toEqual(["Boiler > Restart\n\nHold the button.\nWait."]);
  expect(splitBlocks("Boiler", [heading(1, "Boiler"), paragraph("Hold it.")])).toEqual(["Boiler\n\nHold it."]);
  expect(splitBlocks(null, [])).toEqual([]);
});

test("splitBlocks() gives passages of 400 to 800 tokens, but for the last", () => {
  const passages = splitBlocks("Book", text(100));
  expect(passages.length).toBeGreaterThan(10);
  for (const passage of passages) expect(tokens(passage)).toBeLessThanOrEqual(800);
  for (const passage of passages.slice(0, -1)) expect(tokens(passage)).toBeGreaterThanOrEqual(400);
});

test("splitBlocks() leaves no sentence out, and says the end of a passage again in the next", () => {
  const passages = splitBlocks(null, text(100));
  for (let i = 0; i < 500; i++)
    expect(passages.some((passage) => passage.includes(`Sentence number ${i} tells`))).toBe(true);
  for (const [at, passage] of passages.slice(1).entries()) {
    const [again] = passage.split("\n\n");
    expect(passages[at]!.endsWith(again!)).toBe(true);
    expect(tokens(again!) / tokens(passages[at]!)).toBeGreaterThan(0.05);
    expect(tokens(again!) / tokens(passages[at]!)).toBeLessThan(0.2);
  }
});

test("splitBlocks() parts at the highest heading in reach, and begins each passage with where it stands", () => {
  const blocks = [
    heading(1, "Camera"),
    heading(2, "Mount"),
    ...text(6),
    heading(3, "Screws"),
    ...text(1, 6),
    heading(2, "Cable"),
    ...text(6, 7),
  ];
  const passages = splitBlocks("Manual", blocks);
  expect(passages.map((passage) => passage.split("\n")[0])).toEqual([
    "Manual > Camera > Mount",
    "Manual > Camera > Cable",
  ]);
  expect(passages[0]).toContain("Manual > Camera > Mount > Screws\n\nSentence number 30");
  expect(passages[1]).not.toContain("Sentence number 34 ");
});

test("splitBlocks() keeps most passages when a sentence is put in at the beginning", () => {
  const before = splitBlocks("Diary", text(200));
  const after = splitBlocks("Diary", [paragraph("Something new was written here."), ...text(200)]);
  const kept = after.filter((passage) => before.includes(passage));
  expect(kept.length / before.length).toBeGreaterThan(0.8);
});

test("splitText() parts text without spaces, lines or sentences, never within a character", () => {
  for (const endless of ["x".repeat(50_000), "🔑".repeat(20_000), "門".repeat(20_000), `${"word ".repeat(10_000)}`]) {
    const passages = splitText(endless);
    expect(passages.length).toBeGreaterThan(5);
    for (const passage of passages) {
      expect(tokens(passage)).toBeLessThanOrEqual(800);
      expect(passage.isWellFormed()).toBe(true);
    }
    const count = (all: string, one: string) => all.split(one).length - 1;
    const [one] = endless;
    expect(count(passages.join(""), one!)).toBeGreaterThanOrEqual(count(endless, one!));
  }
});

test("splitBlocks() keeps to its size below headings and titles of any length", () => {
  const passages = splitBlocks("t".repeat(5_000), [
    heading(1, "h".repeat(5_000)),
    ...text(30),
    heading(2, "x"),
    ...text(3),
  ]);
  for (const passage of passages) expect(tokens(passage)).toBeLessThanOrEqual(800);
});

test("splitBlocks() keeps a heading that its place has no room for as text, and parts there", () => {
  const long = `${"The gate ".repeat(30)}end`;
  const passages = splitBlocks("Manual", [heading(1, "Cable"), ...text(6), heading(1, long), ...text(6, 6)]);
  expect(passages).toHaveLength(2);
  expect(passages[1]!.startsWith(`Manual\n\n${long}\n\nSentence number 30`)).toBe(true);
});

test("splitBlocks() names headings that nothing stands below", () => {
  const blocks = [
    heading(1, "Empty"),
    heading(1, "Cable"),
    paragraph("Blue."),
    heading(2, "Spare"),
    heading(2, "Old"),
    heading(3, "Older"),
    heading(1, "Last"),
  ];
  expect(splitBlocks("Manual", blocks).map((passage) => passage.split("\n\n"))).toEqual([
    [
      "Manual > Empty",
      "Manual > Cable",
      "Blue.",
      ...["Spare", "Old > Older"].map((name) => `Manual > Cable > ${name}`),
      "Manual > Last",
    ],
  ]);
});

test("splitBlocks() splits 16 million characters within what a reader's turn may take", () => {
  const passages = splitBlocks(
    null,
    Array.from({ length: 20_000 }, (_, i) => paragraph(sentences(i * 10, 10))),
  );
  expect(passages.length).toBeGreaterThan(5_000);
});
