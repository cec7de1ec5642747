import { expect, test } from "vitest";
import { jsonText } from "./json-text.ts";

test("jsonText() has no text that Postgres refuses, however deep", () => {
  const texts = [{ words: "a\u0000b \ud83d" }, "🙂", null, 7];
  expect(JSON.parse(jsonText({ texts }))).toEqual({ texts: [{ words: "ab \ufffd" }, "🙂", null, 7] });
});
