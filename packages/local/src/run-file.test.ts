import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RunFile, readRunFile, removeRunFile, writeRunFile } from "./mod.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

const facts: RunFile = {
  gateway_url: "http://127.0.0.1:8080",
  nats_url: "nats://127.0.0.1:4222",
  nats_user: "gatehouse",
  nats_password: "ab12",
  database_url: "postgres://gatehouse:ab12@127.0.0.1:5432/gatehouse",
  redis_url: "redis://:ab12@127.0.0.1:6379",
  qdrant_url: null,
  admin_key: "cd34",
  pid: process.pid,
  processes: [{ services: ["gateway"], pid: process.pid, health_url: "http://127.0.0.1:9100" }],
};

test("readRunFile() returns what writeRunFile() wrote, which only the owner may read", () => {
  const home = { dir: temporaryHome() };
  expect(readRunFile(home)).toBeNull();
  writeRunFile(home, facts);
  expect(readRunFile(home)).toEqual(facts);
  expect(statSync(join(home.dir, "run.json")).mode & 0o777).toBe(0o600);
  removeRunFile(home);
  removeRunFile(home);
  expect(readRunFile(home)).toBeNull();
});

test("readRunFile() knows a stale file by its pid and by the start time", () => {
  const home = { dir: temporaryHome() };
  writeRunFile(home, { ...facts, pid: 999_999_999 });
  expect(readRunFile(home)).toBeNull();
  writeRunFile(home, facts);
  const path = join(home.dir, "run.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), started: "1" }));
  expect(readRunFile(home)).toBeNull();
});
