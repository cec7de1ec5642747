import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { createMediaStore } from "./media-store.ts";

const MAX_BYTES = 4_000_000;

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "media-processes-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

function putForever(root: string, name: string): ChildProcess {
  const script = join(import.meta.dirname, "testing/put-forever.ts");
  const child = spawn(process.execPath, [script, root, name, String(MAX_BYTES)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("two processes that are killed leave whole files within bounds, and a store that works", async () => {
  const root = await makeRoot();
  const children = [putForever(root, "one"), putForever(root, "two")];
  for (let reports = 0; reports < 3; reports++) await Promise.all(children.map((child) => once(child.stdout!, "data")));
  const gone = children.map((child) => once(child, "exit"));
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(gone);
  const store = createMediaStore({ root, max_bytes: MAX_BYTES });
  await store.ready;
  const paths = (await readdir(root, { recursive: true })).filter((path) => path.includes("/") && !path.includes("~"));
  expect(paths.length).toBeGreaterThan(40);
  for (const path of paths) {
    const bytes = await store.get(path);
    if (bytes !== null) expect([path, bytes.length, new Set(bytes).size]).toEqual([path, 50_000, 1]);
  }
  expect(store.usage().bytes).toBeLessThanOrEqual(MAX_BYTES);
  await store.put("camera-0/after", new Uint8Array(10));
  expect(await store.has("camera-0/after")).toBe(true);
  await store.close();
}, 30_000);

test("put() throws MEDIA_FULL on a full disk, leaves nothing behind, and the old file stays", async ({ skip }) => {
  const root = await makeRoot();
  const run = promisify(execFile);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", root]).then(
    () => true,
    () => false,
  );
  skip(!mounted, "a small file system cannot be mounted here");
  try {
    const store = createMediaStore({ root, max_bytes: 10_000_000 });
    await store.put("a/b", new Uint8Array(1000));
    await expect(store.put("a/b", new Uint8Array(200_000))).rejects.toMatchObject({
      code: "MEDIA_FULL",
      retry: "later",
    });
    expect([await readdir(join(root, "a")), (await store.get("a/b"))?.length]).toEqual([["b"], 1000]);
    await store.put("a/c", new Uint8Array(1000));
    await store.close();
  } finally {
    await run("umount", [root]);
  }
});
