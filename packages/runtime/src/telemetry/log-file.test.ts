import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLogFile } from "./log-file.ts";

function setup(max_bytes = 1000) {
  const folder = join(mkdtempSync(join(tmpdir(), "gatehouse-logs-")), "logs");
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  const faults: (string | null)[] = [];
  const dropped: number[] = [];
  const file = openLogFile({
    folder,
    name: "voice",
    max_bytes,
    files: 3,
    onFault: (message) => faults.push(message),
    onDropped: (lines) => dropped.push(lines),
  });
  return { folder, file, faults, dropped };
}

test("a log file is rotated by size, and the oldest is removed", async () => {
  const { folder, file } = setup();
  for (let index = 0; index < 10; index++) {
    file.write(`${String(index).padEnd(1000, "x")}\n`);
    await file.flush();
  }
  file.write("last\n");
  await file.close();
  expect(readdirSync(folder).sort()).toEqual(["voice.log", "voice.log.1", "voice.log.2"]);
  expect(readFileSync(join(folder, "voice.log"), "utf8")).toBe("last\n");
  expect(readFileSync(join(folder, "voice.log.1"), "utf8")).toMatch(/^9x/);
  expect(statSync(join(folder, "voice.log")).mode & 0o777).toBe(0o600);
});

test("close() ends after every line is in the file, and may be called again", async () => {
  const { folder, file } = setup(10_000_000);
  for (let index = 0; index < 5000; index++) file.write(`${index}\n`);
  await file.close();
  await file.close();
  expect(readFileSync(join(folder, "voice.log"), "utf8").split("\n")).toHaveLength(5001);
});

test("lines beyond what may wait are dropped and counted", async () => {
  const { file, dropped, folder } = setup(100_000_000);
  const line = "x".repeat(1_048_576);
  for (let index = 0; index < 6; index++) file.write(line);
  await file.close();
  expect(dropped).toEqual([2]);
  expect(statSync(join(folder, "voice.log")).size).toBe(4 * line.length);
});

test("a folder is made when the first line is written, not before", async () => {
  const { file, folder } = setup();
  expect(existsSync(folder)).toBe(false);
  file.write("one\n");
  await file.close();
  expect(existsSync(join(folder, "voice.log"))).toBe(true);
});

test("lines wait while the file cannot be written, and are in it once it can", async () => {
  const { file, faults, folder } = setup();
  writeFileSync(folder, "a file where the folder should be");
  file.write("one\n");
  await file.flush();
  expect(faults).toEqual([expect.stringContaining("ENOTDIR")]);
  file.write("two\n");
  rmSync(folder);
  await file.close();
  expect(faults.at(-1)).toBeNull();
  expect(readFileSync(join(folder, "voice.log"), "utf8")).toBe("one\ntwo\n");
});
