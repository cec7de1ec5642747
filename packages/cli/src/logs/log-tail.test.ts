import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { paintFor } from "../terminal/paint.ts";
import { readLogLine, showLogLine } from "./log-line.ts";
import { LogTail } from "./log-tail.ts";

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "voice.log");
  return { path, tail: new LogTail(path) };
}

test("LogTail reads whole lines, each once, also after the file was rotated", () => {
  const { path, tail } = setup();
  expect(tail.read()).toEqual([]);
  writeFileSync(path, "one\ntwo\nthr");
  expect(tail.read()).toEqual(["one", "two"]);
  expect(tail.read()).toEqual([]);
  appendFileSync(path, "ee\n");
  expect(tail.read()).toEqual(["three"]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, "four\n");
  expect(tail.read()).toEqual(["four"]);
});

test("a log line is shown with its service, sentence and fields; a server's line as it is", () => {
  const paint = paintFor({ isTTY: false, env: {} });
  const raw = JSON.stringify({ level: "info", time: "2026-11-21T08:00:00.000Z", service: "voice", msg: "heard", n: 2 });
  expect(showLogLine(readLogLine("gatehouse", raw), paint)).toMatch(/^\d\d:00:00 voice {13}heard {2}n=2$/);
  expect(showLogLine(readLogLine("nats", "[1] ready\u001b[2J"), paint)).toBe("nats  [1] ready [2J");
});
