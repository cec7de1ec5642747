import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HomeInUseError } from "./errors.ts";
import { releaseLock, takeLock } from "./lock.ts";
import { readProcess } from "./process-table.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

const setup = () => join(temporaryHome(), "up.lock");

test("takeLock() refuses while the holder lives and releaseLock() frees it", () => {
  const path = setup();
  const self = takeLock(path);
  expect(() => takeLock(path)).toThrow(HomeInUseError);
  expect(() => takeLock(path)).toThrow(`process ${process.pid} holds it`);
  releaseLock(path, self);
  releaseLock(path, takeLock(path));
});

test.each([
  ["has died", '{"pid":999999999,"started":"1"}'],
  ["has only the pid of a living process", JSON.stringify({ pid: process.ppid, started: "1" })],
  ["cannot be read", ""],
])("takeLock() succeeds a holder that %s", (_, content) => {
  const path = setup();
  writeFileSync(path, content);
  takeLock(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
    pid: process.pid,
    started: readProcess(process.pid)?.started,
  });
});

test("takeLock() goes on after a process that died while it succeeded another", () => {
  const path = setup();
  writeFileSync(path, '{"pid":999999999,"started":"1"}');
  writeFileSync(`${path}.after-999999999-1`, '{"pid":999999998,"started":"1"}');
  expect(takeLock(path).pid).toBe(process.pid);
});

test("releaseLock() leaves the lock of somebody else", () => {
  const path = setup();
  takeLock(path);
  releaseLock(path, { pid: 999_999_999, started: "1" });
  expect(() => takeLock(path)).toThrow(HomeInUseError);
});
