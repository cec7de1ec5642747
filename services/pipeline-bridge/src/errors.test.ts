import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as errors from "./errors.ts";

test("every error code is used once and explained in the README", async () => {
  const codes = Object.values(errors).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
});
