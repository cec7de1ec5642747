import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { configFolder, faultsOf, load } from "./config-folder.fixture.ts";
import { printConfig } from "./print-config.ts";
import { readSecret } from "./secret.ts";

const llm = (key: string) =>
  `models:\n  llm:\n    - { kind: openai, url: "http://127.0.0.1:1", model: m, api_key: ${key} }\n`;

test("a secret in the configuration itself is refused and not shown", () => {
  for (const key of [
    "sk-verysecret",
    '{ env: "sk-verysecret" }',
    "{ env: A, file: sk-verysecret }",
    "[sk-verysecret]",
  ]) {
    const faults = faultsOf(() => load(llm(key)));
    expect(faults).toEqual([
      "gatehouse.yaml:3 models.llm[0].api_key must be { env: NAME } or { file: PATH }: current value is not shown",
    ]);
  }
  const url = faultsOf(() => load('models: { llm: [{ kind: openai, url: "http://me:verysecret@host", model: m }] }\n'));
  expect(url[0]).toContain("must carry no credentials");
  expect(url[0]).not.toContain("verysecret");
});

test("readSecret() reads a variable or a file, without the line end", () => {
  const cwd = configFolder({ "llm.key": "from-file\n" });
  expect(readSecret({ env: "LLM_KEY" }, { env: { LLM_KEY: "from-env" }, cwd })).toBe("from-env");
  expect(readSecret({ file: "llm.key" }, { env: {}, cwd })).toBe("from-file");
});

test("readSecret() names the place that is missing, empty or too large", () => {
  const cwd = configFolder({ "empty.key": "\n", "large.key": "x".repeat(65_537) });
  const read = (ref: { env: string } | { file: string }) => () => readSecret(ref, { env: {}, cwd });
  expect(read({ env: "LLM_KEY" })).toThrow('Cannot read secret as environment variable "LLM_KEY" is missing or empty');
  expect(read({ file: "absent.key" })).toThrow(ConfigError);
  expect(read({ file: "empty.key" })).toThrow('Cannot read secret as file "empty.key" is missing or empty');
  expect(read({ file: "large.key" })).toThrow("must be at most 65536 bytes");
});

test("printConfig() shows references, and what it prints can be loaded again", () => {
  const config = load(llm("{ env: LLM_KEY }"), { LLM_KEY: "verysecret", GATEHOUSE_BATCHING__IDLE_S: "7" });
  const text = printConfig(config);
  expect(text).toContain("env: LLM_KEY");
  expect(text).not.toContain("verysecret");
  expect(load(text)).toEqual(config);
});
