import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDetector, createLlm } from "../mod.ts";
import { readSecret } from "./secret.ts";
import { parseServerUrl } from "./server-url.ts";

test.each(["ftp://h/", "not a url", "http://me:secret@h/", "http://h/?key=secret", "http://h/#x"])(
  "parseServerUrl() refuses %s without showing a secret",
  (url) => {
    const parse = () => parseServerUrl(url);
    expect(parse).toThrow(/^Cannot use the url|^Cannot use the model server's url/);
    expect(parse).not.toThrow("secret");
  },
);

test("parseServerUrl() takes an address apart", () => {
  expect(parseServerUrl("http://gpu:9000/a/b//")).toEqual({
    origin: "http://gpu:9000",
    server: "gpu:9000",
    path: "/a/b",
  });
});

test("readSecret() reads a file and drops the white space around it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-secret-"));
  const file = join(folder, "key");
  await writeFile(file, "sk-1\n");
  expect(readSecret({ file })).toBe("sk-1");
  await writeFile(file, "two words");
  expect(() => readSecret({ file })).toThrow("printable ASCII");
  await rm(folder, { recursive: true });
  expect(() => readSecret({ file })).toThrow('current value is "ENOENT"');
});

test("readSecret() names the variable that is missing", () => {
  expect(() => readSecret({ env: "GATEHOUSE_NO_SUCH_KEY" })).toThrow(
    '"GATEHOUSE_NO_SUCH_KEY" as it must hold a secret',
  );
});

test("an empty list is refused", () => {
  expect(() => createDetector([])).toThrow("must have an entry");
  expect(() => createLlm([])).toThrow("must have an entry");
});
