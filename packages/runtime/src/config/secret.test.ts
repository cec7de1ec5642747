import { expect, test } from "vitest";
import { configFolder, faultsOf, load } from "./config-folder.fixture.ts";
import { missingSecrets } from "./missing-secrets.ts";
import { printConfig } from "./print-config.ts";
import type { SecretRef } from "./secret.ts";

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

test("missingSecrets() names the setting and the place of what is missing, empty or too large, never the content", () => {
  const cwd = configFolder({ "llm.key": "verysecret\n", "empty.key": "\n", "large.key": "x".repeat(65_537) });
  const faults = (ref: SecretRef) =>
    missingSecrets({ env: { LLM_KEY: "verysecret", EMPTY: " " }, cwd })({ models: { llm: [{ api_key: ref }] } });
  const missing = (why: string) => [
    { path: "models.llm[0].api_key", message: `must name a secret that is there: ${why}` },
  ];
  expect(faults({ env: "LLM_KEY" })).toEqual([]);
  expect(faults({ file: "llm.key" })).toEqual([]);
  expect(faults({ env: "EMPTY" })).toEqual(missing('environment variable "EMPTY" is missing or empty'));
  expect(faults({ file: "absent.key" })).toEqual(missing('file "absent.key" cannot be read: ENOENT'));
  expect(faults({ file: "empty.key" })).toEqual(missing('file "empty.key" is empty'));
  expect(faults({ file: "large.key" })).toEqual(missing('file "large.key" has more than 65536 bytes'));
});

test("printConfig() shows references, and what it prints can be loaded again", () => {
  const config = load(llm("{ env: LLM_KEY }"), { LLM_KEY: "verysecret", GATEHOUSE_BATCHING__IDLE_S: "7" });
  const text = printConfig(config);
  expect(text).toContain("env: LLM_KEY");
  expect(text).not.toContain("verysecret");
  expect(load(text)).toEqual(config);
});
