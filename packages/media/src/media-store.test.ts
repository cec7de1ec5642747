import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMediaStore } from "./media-store.ts";

async function setup({ max_bytes = 10_000 } = {}) {
  const outside = await mkdtemp(join(tmpdir(), "media-store-"));
  onTestFinished(() => rm(outside, { recursive: true, force: true }));
  const root = join(outside, "root");
  const open = () => {
    const store = createMediaStore({ root, max_bytes });
    onTestFinished(() => store.close());
    return store;
  };
  const age = (path: string, minutes: number) => {
    const then = Date.now() / 1000 - minutes * 60;
    return utimes(join(root, path), then, then);
  };
  return { outside, root, open, age, store: open() };
}

const filled = (bytes: number) => new Uint8Array(bytes).fill(7);

test("put() stores what get() gives back, and counts it once however often it is put", async () => {
  const { store, root } = await setup();
  const key = "front-door/2026-11-21/f-81.jpg";
  expect([await store.get(key), await store.has(key), store.usage()]).toEqual([null, false, { bytes: 0, files: 0 }]);
  await store.put(key, filled(100));
  await store.put(key, Uint8Array.of(1, 2, 3));
  expect(new Uint8Array((await store.get(key))!)).toEqual(Uint8Array.of(1, 2, 3));
  expect([await store.has(key), store.usage()]).toEqual([true, { bytes: 3, files: 1 }]);
  expect(await readdir(join(root, "front-door/2026-11-21"))).toEqual(["f-81.jpg"]);
});

test("put() of the same key many times at once leaves one whole file", async () => {
  const { store, root } = await setup({ max_bytes: 1_000_000 });
  await Promise.all(Array.from({ length: 40 }, (_, at) => store.put("a/b", new Uint8Array(500).fill(at))));
  const bytes = (await store.get("a/b"))!;
  expect([bytes.length, new Set(bytes).size]).toEqual([500, 1]);
  expect(await readdir(join(root, "a"))).toEqual(["b"]);
  await store.sweep();
  expect(store.usage()).toEqual({ bytes: 500, files: 1 });
});

test("remove() removes a file once", async () => {
  const { store } = await setup();
  await store.put("a/b", filled(10));
  expect([await store.remove("a/b"), await store.remove("a/b"), await store.remove("a")]).toEqual([true, false, false]);
  expect([await store.get("a/b"), store.usage()]).toEqual([null, { bytes: 0, files: 0 }]);
});

test("every method refuses keys that are not made of allowed segments", async () => {
  const { store, outside } = await setup();
  const bad = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../../b",
    "a/./b",
    "a\\b",
    "a b",
    "~a",
    "a\0b",
    "ä",
    "%2e%2e/a",
    "a\n",
  ];
  for (const key of [...bad, "x".repeat(161), Array(9).fill("a").join("/")]) {
    for (const method of [
      () => store.put(key, filled(1)),
      () => store.get(key),
      () => store.has(key),
      () => store.remove(key),
    ]) {
      await expect(method(), key).rejects.toMatchObject({ code: "BAD_MEDIA_KEY", retry: "never" });
    }
  }
  expect(await readdir(outside, { recursive: true })).toEqual([]);
});

test("links are never followed: not to a folder, not to a file", async () => {
  const { store, outside, root } = await setup();
  await store.put("real/file", filled(3));
  const secret = join(outside, "secret");
  await mkdir(secret);
  await writeFile(join(secret, "file"), "secret");
  await symlink(secret, join(root, "folder"));
  await symlink(join(secret, "file"), join(root, "real/link"));
  await expect(store.put("folder/new", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  await expect(store.put("folder/deep/new", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  expect([await store.get("folder/file"), await store.get("real/link"), await store.remove("folder/file")]).toEqual([
    null,
    null,
    false,
  ]);
  await store.put("real/link", filled(5));
  await store.sweep();
  expect(store.usage()).toEqual({ bytes: 8, files: 2 });
  expect([await readdir(secret), await readFile(join(secret, "file"), "utf8")]).toEqual([["file"], "secret"]);
});

test("put() sees that a folder it wrote into was replaced by a link, or is gone", async () => {
  const { store, outside, root } = await setup();
  await store.put("cam/day/one", filled(3));
  const secret = join(outside, "secret");
  await rename(join(root, "cam"), secret);
  await mkdir(join(root, "cam"));
  await symlink(join(secret, "day"), join(root, "cam/day"));
  await expect(store.put("cam/day/two", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  await rm(join(root, "cam"), { recursive: true });
  await mkdir(join(outside, "other/day"), { recursive: true });
  await symlink(join(outside, "other"), join(root, "cam"));
  await expect(store.put("cam/day/two", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  await rm(join(root, "cam"));
  await store.put("cam/day/two", filled(3));
  expect(await readdir(outside, { recursive: true })).toEqual(
    expect.arrayContaining(["root/cam/day/two", "secret/day/one"]),
  );
  expect([await readdir(join(secret, "day")), await readdir(join(outside, "other/day"))]).toEqual([["one"], []]);
});

test("put() says so when its place is a folder, or its folder a file", async () => {
  const { store } = await setup();
  await store.put("a/b", filled(3));
  await expect(store.put("a", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  await expect(store.put("a/b/c", filled(3))).rejects.toMatchObject({ code: "BAD_MEDIA_KEY" });
  expect([await store.get("a"), await store.get("a/b/c"), store.usage()]).toEqual([null, null, { bytes: 3, files: 1 }]);
});

test("put() removes the oldest files down to 90 % when there is too much", async () => {
  const { store, age } = await setup({ max_bytes: 10_000 });
  for (let i = 0; i < 10; i++) {
    await store.put(`camera-${i % 3}/f-${i}`, filled(1000));
    await age(`camera-${i % 3}/f-${i}`, 100 - i);
  }
  expect(store.usage()).toEqual({ bytes: 10_000, files: 10 });
  await store.put("camera-9/f-10", filled(500));
  expect(store.usage()).toEqual({ bytes: 8500, files: 9 });
  const kept = await Promise.all(Array.from({ length: 10 }, (_, i) => store.has(`camera-${i % 3}/f-${i}`)));
  expect(kept).toEqual([false, false, ...Array(8).fill(true)]);
  expect(await store.has("camera-9/f-10")).toBe(true);
});

test("put() refuses a file that is larger than the whole store", async () => {
  const { store } = await setup({ max_bytes: 100 });
  await store.put("a", filled(60));
  await expect(store.put("b", filled(101))).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
  expect(await store.has("a")).toBe(true);
});

test("a store that is opened counts what is there, and what killed processes left is swept", async () => {
  const { root, open, age } = await setup();
  const files = { "a/one": 100, "a/b/two": 200, "a/~stray": 5000, "~writing-now": 50, "old/~stray": 7 };
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), filled(bytes));
  }
  await age("a/~stray", 5);
  await age("old/~stray", 5);
  await age("old", 5);
  const store = open();
  await store.ready;
  expect(store.usage()).toEqual({ bytes: 350, files: 2 });
  expect((await readdir(root, { recursive: true })).sort()).toEqual(["a", "a/b", "a/b/two", "a/one", "~writing-now"]);
});

test("close() may be repeated, and ends what comes after", async () => {
  const { store } = await setup();
  await store.put("a", filled(10));
  await store.close();
  await store.close();
  for (const work of [() => store.put("b", filled(1)), () => store.get("a"), () => store.sweep()]) {
    await expect(work()).rejects.toMatchObject({ code: "MEDIA_CLOSED", retry: "later" });
  }
  expect(store.usage()).toEqual({ bytes: 10, files: 1 });
});
