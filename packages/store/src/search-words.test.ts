import { expect, test } from "vitest";
import { searchWords } from "./search-words.ts";

test.each([
  ["Front-door's CAMERA", "front door s camera"],
  ["gatehouse.yaml: max_ack_pending=1", "gatehouse yaml max ack pending 1"],
  ["Tür, Crème brûlée", "tur creme brulee"],
  ["ﬁle Ⅷ", "file viii"],
  ["前門カメラ", "前門 門カ カメ メラ"],
  ["鍵 a", "鍵 a"],
  ["дверь ёлка", "дверь елка"],
  ["' | & ! <-> \\", ""],
  ["", ""],
])("searchWords() of %j are %j", (text, words) => {
  expect(searchWords(text)).toBe(words);
});
