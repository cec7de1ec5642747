import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lookForStrays, StrayFiles } from "./stray-files.ts";

test("StrayFiles tells each file beside the cameras' folders once, and again when it was gone meanwhile", async () => {
  const root = mkdtempSync(join(tmpdir(), "gatehouse-inbox-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "gate"));
  const put = (...names: string[]) => names.forEach((name) => void writeFileSync(join(root, name), ""));
  put(".hidden", "a.jpg.part", "b.tmp", "gate/c.jpg");
  const strays = new StrayFiles();
  const look = () => lookForStrays(root, strays);
  expect(await look()).toBeNull();

  const wanted = `to ${root}/<camera>/ (JPEG, PNG or WebP; mp4, mkv, avi or mov)`;
  const yard = `"yard.jpg" lies in the inbox itself, where no camera is: move it ${wanted}`;
  put("yard.jpg");
  expect([await look(), await look()]).toEqual([yard, null]);
  put("b.txt", "c.txt");
  expect(await look()).toBe(`"b.txt" and 1 more lie in the inbox itself, where no camera is: move them ${wanted}`);
  rmSync(join(root, "yard.jpg"));
  expect(await look()).toBeNull();
  put("yard.jpg");
  expect(await look()).toBe(yard);
});

test("lookForStrays() finds nothing where no inbox is", async () => {
  expect(await lookForStrays("/nowhere", new StrayFiles())).toBeNull();
});
