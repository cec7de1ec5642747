import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as catalogue from "./errors.ts";

test("every code of the catalogue is unique and explained in the README", async () => {
  const codes = Object.values(catalogue).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
