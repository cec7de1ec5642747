import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLES = resolve(ROOT, "examples");
const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".yaml"));
const SECRETS = { LLM_KEY: "k", TRITON_KEY: "k", ARGO_TOKEN: "k", KUBEFLOW_TOKEN: "k" };

const check = (file: string, env: object) =>
  spawnSync(process.execPath, ["packages/cli/src/main.ts", "config", "check", "--config", file], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
    timeout: 60_000,
  });

test.each(files)("%s passes gatehouse config check", (file) => {
  const { status, stdout, stderr } = check(`examples/${file}`, SECRETS);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "The configuration fits\n", stderr: "" });
});

test("the JSON Schema for editors takes every example, and refuses a slip of the pen", () => {
  const { stdout } = spawnSync(process.execPath, ["packages/cli/src/main.ts", "config", "print", "--schema"], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 60_000,
  });
  const fits = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(stdout));
  for (const file of files) {
    const text = readFileSync(resolve(EXAMPLES, file), "utf8");
    expect([file, fits(parse(text)), fits.errors]).toEqual([file, true, null]);
    const slip = text.replace(/\b(vram_mb|timeout_s)\b/, "$1s");
    expect([file, fits(parse(slip))]).toEqual([file, false]);
  }
});

test("gatehouse config check names the secrets that an example needs", () => {
  const { status, stderr } = check("examples/cluster-triton-vllm.yaml", {});
  expect(status).toBe(1);
  for (const name of ["LLM_KEY", "TRITON_KEY"]) expect(stderr).toContain(`"${name}"`);
});

test("card-24gb.yaml is the reference plan: what it names takes this much, and on-demand models take turns in the rest", () => {
  const { gpu } = parse(readFileSync(resolve(EXAMPLES, "card-24gb.yaml"), "utf8"));
  const [{ vram_mb, reserved_mb, models }] = gpu.cards;
  const sizes: Record<string, number> = Object.fromEntries(
    models.map(({ name, vram_mb: mb }: { name: string; vram_mb: number }) => [name, mb]),
  );
  const { llm, detector, florence, clip, ...on_demand } = sizes;
  expect({ vram_mb, reserved_mb, llm, detector, florence, clip }).toEqual({
    vram_mb: 24_576,
    reserved_mb: 500,
    llm: 14_700,
    detector: 650,
    florence: 1_500,
    clip: 400,
  });
  const left = vram_mb - reserved_mb - llm! - detector! - florence! - clip!;
  expect(left).toBeGreaterThanOrEqual(6_800);
  expect(Math.max(...Object.values(on_demand))).toBeLessThan(6_800);
  expect(Object.values(on_demand).reduce((sum, mb) => sum + mb, 0)).toBeGreaterThan(6_800);
});

test("the README of the examples names each of them", () => {
  const readme = readFileSync(resolve(EXAMPLES, "README.md"), "utf8");
  expect([...readme.matchAll(/^\| `([\w-]+\.yaml)`/gm)].map(([, name]) => name).sort()).toEqual(files.sort());
});
