import { expect, onTestFinished, test } from "vitest";
import { askServers, openHome, type StartBackingOptions, startBacking, startServers } from "./mod.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

async function setup(options: Omit<StartBackingOptions, "env"> & { env?: StartBackingOptions["env"] }) {
  const home = await openHome(temporaryHome());
  onTestFinished(() => home.close());
  return startBacking(home, { env: {}, ...options });
}

test("startBacking() uses the servers that the environment names and starts none", async () => {
  const theirs = await startServers(temporaryHome(), ["nats", "postgres", "redis"]);
  onTestFinished(async () => void (await Promise.all(Object.values(theirs).map((server) => server.stop()))));
  const { nats, postgres, redis } = theirs;
  const NATS_URL = `nats://${nats.user}:${nats.password}@127.0.0.1:${nats.port}`;
  const env = { NATS_URL, DATABASE_URL: postgres.url, REDIS_URL: redis.url, QDRANT_URL: "http://127.0.0.1:6333" };
  const backing = await setup({ env });
  expect(backing).toMatchObject({
    nats_url: `nats://127.0.0.1:${nats.port}`,
    nats_user: nats.user,
    nats_password: nats.password,
    database_url: postgres.url,
    redis_url: redis.url,
    qdrant_url: "http://127.0.0.1:6333",
    owned: [],
  });
  expect(backing.pids()).toEqual({});
  const version = expect.stringMatching(/^\d+(\.\d+)+$/);
  const up = { status: "up", version, latency_ms: expect.any(Number), reason: null };
  expect(await askServers(backing)).toEqual([
    { server: "nats", address: `127.0.0.1:${nats.port}`, ...up },
    { server: "postgres", address: `127.0.0.1:${postgres.port}/gatehouse`, ...up },
    { server: "redis", address: `127.0.0.1:${redis.port}`, ...up },
  ]);
  await backing.stop();
  expect(nats.pid).not.toBeNull();
});

test("askServers() says why a server is down, and nothing of its credentials", async () => {
  const url = (scheme: string) => `${scheme}://me:hidden@127.0.0.1:1/x`;
  const places = { nats_url: "nats://127.0.0.1:1", nats_user: "me", nats_password: "hidden" };
  const reports = await askServers({ ...places, database_url: url("postgres"), redis_url: url("redis") });
  expect(JSON.stringify(reports)).not.toContain("hidden");
  const down = { status: "down", version: null, latency_ms: null };
  expect(reports).toEqual([
    { server: "nats", address: "127.0.0.1:1", ...down, reason: expect.stringContaining("ECONNREFUSED") },
    { server: "postgres", address: "127.0.0.1:1/x", ...down, reason: expect.stringContaining("ECONNREFUSED") },
    { server: "redis", address: "127.0.0.1:1/x", ...down, reason: expect.stringContaining("ECONNREFUSED") },
  ]);
});

test("startBacking() says where a server of the environment does not answer, without its password", async () => {
  const failure = setup({ env: { REDIS_URL: "redis://:hidden@127.0.0.1:1" }, reach_within_ms: 500 });
  await expect(failure).rejects.toMatchObject({ code: "BACKING_DOWN", retry: "later" });
  await expect(failure).rejects.toThrow(/redis at "127.0.0.1:1" as it must answer within 0.5 s/);
  await expect(failure).rejects.not.toThrow(/hidden/);
});

test("startBacking() names the package and the compose file when a program is missing", async () => {
  const failure = setup({ folders: [] });
  await expect(failure).rejects.toMatchObject({ code: "BACKING_MISSING", retry: "never" });
  await expect(failure).rejects.toThrow(
    /install the package redis-server, or start compose\/compose.yaml and set REDIS_URL/,
  );
});

test("startBacking() refuses streams that the disk cannot hold", async () => {
  const failure = setup({ streams_bytes: Number.MAX_SAFE_INTEGER });
  await expect(failure).rejects.toMatchObject({ code: "DISK_TOO_SMALL" });
});
