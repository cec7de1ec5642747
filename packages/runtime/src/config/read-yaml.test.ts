import { expect, test } from "vitest";
import { configFolder, faultsOf, load } from "./config-folder.fixture.ts";
import { loadConfig } from "./load-config.ts";
import { sections } from "./sections.ts";

const tooMuch = ["gatehouse.yaml must hold at most 20000 values, nested at most 32 deep"];

test("a file that is not YAML is refused with its line", () => {
  expect(faultsOf(() => load("log:\n  level: info\n\tcontent: true\n"))[0]).toMatch(/^gatehouse.yaml:3 is not YAML: /);
  expect(faultsOf(() => load("a: 1\n---\nb: 2\n"))).toEqual(["gatehouse.yaml:2 must hold one document"]);
  expect(faultsOf(() => load("log:\n  level: *nowhere\n"))).toContain(
    'gatehouse.yaml:2 is not YAML: alias "nowhere" has no anchor before it',
  );
});

test("a key that is there twice is refused with its line", () => {
  expect(faultsOf(() => load("batching:\n  max_s: 5\n  idle_s: 6\n  max_s: 7\n"))).toEqual([
    'gatehouse.yaml:4 has the key "max_s" twice',
  ]);
});

test("a file whose root is no map is refused", () => {
  for (const yaml of ["- a\n", "5\n", "text\n"])
    expect(faultsOf(() => load(yaml))).toEqual(["gatehouse.yaml:1 must be a map of sections"]);
});

test("an alias counts what it stands for", () => {
  const tens = (name: string) => Array(10).fill(`*${name}`).join(", ");
  const bomb = `a: &a [1, 1]\nb: &b [${tens("a")}]\nc: &c [${tens("b")}]\nd: &d [${tens("c")}]\ne: [${tens("d")}]\nf: [*d, *d]\n`;
  expect(faultsOf(() => load(bomb))).toEqual(tooMuch);
  expect(faultsOf(() => load("a: &a [*a]\n"))).toEqual(tooMuch);
});

test("an alias stands for what was anchored", () => {
  const { detection, batching } = load("detection: { labels: &l [dog] }\nbatching: { fast_path: { labels: *l } }\n");
  expect([detection.labels, batching.fast_path.labels]).toEqual([["dog"], ["dog"]]);
});

test("nesting that would end the parser's process is refused before it is parsed", () => {
  for (const yaml of ["[".repeat(200_000), "- ".repeat(50_000), `${" ".repeat(5000)}a: 1`])
    expect(faultsOf(() => load(yaml))).toEqual(tooMuch);
});

test("a file over 1 MiB, a folder and bytes that are no UTF-8 are refused", () => {
  expect(faultsOf(() => load(`#${"x".repeat(1_048_576)}`))).toEqual([
    "gatehouse.yaml must be at most 1048576 bytes: current size is 1048577",
  ]);
  const cwd = configFolder({ "bytes.yaml": new Uint8Array([0x61, 0x3a, 0xff]) });
  expect(faultsOf(() => loadConfig(sections, { env: {}, cwd, file: "bytes.yaml" }))).toEqual([
    "bytes.yaml must be UTF-8 text",
  ]);
  expect(faultsOf(() => loadConfig(sections, { env: {}, cwd, file: "." }))).toEqual([". must be a file"]);
});

test("keys that reach a prototype are refused as settings and find nothing as labels", () => {
  expect(faultsOf(() => load("__proto__: { a: 1 }\nconstructor: 5\nlog: { __proto__: { level: debug } }\n"))).toEqual([
    expect.stringMatching(/^gatehouse.yaml:1 __proto__ is unknown/),
    expect.stringMatching(/^gatehouse.yaml:2 constructor is unknown/),
    expect.stringMatching(/^gatehouse.yaml:3 log.__proto__ is unknown/),
  ]);
  expect(faultsOf(() => load("detection: { thresholds: { __proto__: 1 } }\n"))).toHaveLength(1);
  const { thresholds } = load("detection: { thresholds: { dog: 0.5 } }\n").detection;
  expect(thresholds.constructor).toBeUndefined();
});
