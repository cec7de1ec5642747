import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as errors from "./errors.ts";

test("every error code is unique and explained in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const codes = Object.values(errors).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
