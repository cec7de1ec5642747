import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { RedisDownError } from "./errors.ts";
import { type Cache, openRedis } from "./mod.ts";
import { startRedis, type TestServer } from "./test-servers.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

function open(url = server.url): Cache {
  const cache = openRedis(url, { name: "test", key_prefix: "gh:" });
  onTestFinished(() => cache.close());
  return cache;
}

async function answersAgain(cache: Cache): Promise<void> {
  for (;;) {
    try {
      return await cache.probe(AbortSignal.timeout(5_000));
    } catch (error) {
      if (!(error instanceof RedisDownError)) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("setIfAbsent() lets one of many callers set the key and gives the others its value", async () => {
  const caches = [open(), open()];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => caches[i % 2]!.setIfAbsent("once", `v-${i}`, 60)),
  );
  const winner = answers.indexOf(null);
  expect(answers.filter((answer) => answer === null)).toHaveLength(1);
  expect(new Set(answers.filter((answer) => answer !== null))).toEqual(new Set([`v-${winner}`]));
  expect(await caches[0]!.get("once")).toBe(`v-${winner}`);
});

test("take() gives what was kept to one of many callers", async () => {
  const caches = [open(), open()];
  await caches[0]!.set("window", "kept", 60);
  const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => caches[i % 2]!.take("window")));
  expect(taken.filter((value) => value !== null)).toEqual(["kept"]);
});

test("replaceVersioned() keeps bytes as they are, and lets one of those who knew the version replace them", async () => {
  const cache = open();
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(await cache.getVersioned("bytes")).toBeNull();
  expect(await cache.replaceVersioned("bytes", "1", { version: "2", bytes: all }, 60)).toBe(false);
  expect(await cache.replaceVersioned("bytes", null, { version: "1", bytes: all.subarray(3) }, 60)).toBe(true);
  expect(await cache.getVersioned("bytes")).toEqual({ version: "1", bytes: Buffer.from(all.subarray(3)) });
  const other = open();
  const replaced = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? cache : other).replaceVersioned("bytes", "1", { version: `2.${i}`, bytes: Uint8Array.of(i) }, 60),
    ),
  );
  const winner = replaced.indexOf(true);
  expect(replaced.filter(Boolean)).toHaveLength(1);
  expect(await cache.getVersioned("bytes")).toEqual({ version: `2.${winner}`, bytes: Buffer.of(winner) });
  await cache.remove("bytes");
  expect(await cache.getVersioned("bytes")).toBeNull();
});

test("get() passes a refusal that is a bug as it is", async () => {
  const cache = open();
  await expect(cache.set("k", "v", -1)).rejects.not.toBeInstanceOf(RedisDownError);
});

test("every command says that Redis is down when nobody listens", async () => {
  const cache = open("redis://127.0.0.1:1");
  const asked = [cache.get("a"), cache.setIfAbsent("a", "b", 1), cache.getVersioned("a"), cache.remove("a")];
  for (const outcome of await Promise.allSettled(asked))
    expect(outcome).toMatchObject({ reason: { code: "REDIS_DOWN", retry: "later", dependency: "redis" } });
});

test("commands fail while Redis is killed, and work again when it is back", async () => {
  const cache = open();
  await cache.probe(AbortSignal.timeout(5_000));
  await server.kill();
  // Ten times what fits into the test's time limit if each waited for its command timeout.
  for (let i = 0; i < 1_200; i++) await expect(cache.get("a")).rejects.toBeInstanceOf(RedisDownError);
  await server.start();
  await answersAgain(cache);
  expect(await cache.setIfAbsent("back", "1", 60)).toBeNull();
});

test("commands fail while Redis hangs, and work again when it goes on", async () => {
  const cache = open();
  await cache.probe(AbortSignal.timeout(5_000));
  server.freeze();
  try {
    for (let i = 0; i < 6; i++) await expect(cache.get("a")).rejects.toBeInstanceOf(RedisDownError);
  } finally {
    server.thaw();
  }
  await answersAgain(cache);
});

test("close() ends while Redis hangs, and may be called again", async () => {
  const cache = open();
  await cache.probe(AbortSignal.timeout(5_000));
  server.freeze();
  try {
    await cache.close();
    await cache.close();
  } finally {
    server.thaw();
  }
  await expect(cache.get("a")).rejects.toBeInstanceOf(RedisDownError);
});
