import { expect, test } from "vitest";
import { checkMachine } from "./mod.ts";

const byName = (env: NodeJS.ProcessEnv) => Object.fromEntries(checkMachine({ env }).map((one) => [one.name, one]));

test("checkMachine() says what it saw, or what to do", () => {
  const findings = byName(process.env);
  expect(Object.keys(findings)).toEqual([
    "node",
    "nats-server",
    "redis-server",
    "embedded postgres",
    "ffmpeg",
    "free disk",
    "free memory",
  ]);
  expect(findings.node).toMatchObject({ ok: true, found: process.version });
  expect(findings["embedded postgres"]).toMatchObject({ ok: true, found: expect.stringContaining("PostgreSQL") });
  for (const { ok, advice } of Object.values(findings)) expect(ok).toBe(advice === null);
});

test("checkMachine() wants no program for a server that runs elsewhere, and does not repeat its URL", () => {
  const findings = byName({ REDIS_URL: "redis://:secret@elsewhere" });
  expect(findings["redis-server"]).toMatchObject({ ok: true, found: "elsewhere: REDIS_URL is set" });
});
