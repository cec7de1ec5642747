import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as errors from "./errors.ts";

test("error codes are unique and explained in the README", () => {
  const codes = Object.values(errors).map(({ code }) => code);
  const readme = readFileSync(`${import.meta.dirname}/../README.md`, "utf8");
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
