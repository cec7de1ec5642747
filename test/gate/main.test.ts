import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runChild } from "./child.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const gate = (...args: string[]) =>
  runChild([process.execPath, "test/gate.ts", ...args], {
    cwd: ROOT,
    env: process.env,
    limit_ms: 60_000,
    signal: new AbortController().signal,
  });

test("gate.ts ends in one closing line, alone", async () => {
  const { code, output } = await gate("--only", "contracts");
  expect(output.trimEnd().split("\n").at(-1)).toBe("2 passed, 0 failed, 0 skipped");
  expect(output.match(/\d+ passed, \d+ failed, \d+ skipped/g)).toHaveLength(1);
  expect(code).toBe(0);
});

test("gate.ts --json prints one object on standard output", async () => {
  const { output } = await gate("--only", "contracts", "--json");
  const json = output.split("\n").find((line) => line.startsWith("{"));
  expect(JSON.parse(json!)).toMatchObject({
    passed: 2,
    failed: 0,
    steps: [{ name: "contracts" }, { name: "leftovers" }],
  });
});

test("gate.ts refuses a step that it does not know, and explains itself", async () => {
  expect(await gate("--only", "nonsense")).toMatchObject({
    code: 2,
    output: expect.stringContaining('Cannot run step "nonsense": it must be one of lint, types'),
  });
  expect(await gate("--help")).toMatchObject({ code: 0, output: expect.stringContaining("--only STEP") });
});
