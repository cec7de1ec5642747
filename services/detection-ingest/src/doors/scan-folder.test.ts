import { link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type InboxFile, isUnchanged, readUnchanged, removeUnchanged } from "./inbox-file.ts";
import { lookAt, scanFolder } from "./scan-folder.ts";
import { REFUSED, setAside } from "./set-aside.ts";

async function setup() {
  const root = await mkdtemp(join(tmpdir(), "detection-ingest-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const path = join(root, "cam");
  await mkdir(path);
  const write = async (name: string, bytes = 100, mtime_s?: number) => {
    await writeFile(join(path, name), Buffer.alloc(bytes, 7));
    if (mtime_s !== undefined) await utimes(join(path, name), mtime_s, mtime_s);
    return inHand(name);
  };
  const inHand = async (name: string): Promise<InboxFile> => ({
    camera_id: "cam",
    path,
    frame_id: `${name}-id`,
    found: (await lookAt(path, name))!,
  });
  const scan = async (limit = 100, skip = (_name: string) => false) => {
    const found = await scanFolder(path, { limit, skip, signal: new AbortController().signal });
    return found.map(({ name }) => name);
  };
  return { root, path, write, scan };
}

test("scanFolder() finds plain files only: no links, no folders, nothing hidden", async () => {
  const { root, path, write, scan } = await setup();
  await write("plain.jpg");
  await write(".hidden.jpg");
  await writeFile(join(root, "outside.jpg"), "outside");
  await symlink(join(root, "outside.jpg"), join(path, "link.jpg"));
  await mkdir(join(path, "folder.jpg"));
  await link(join(path, "plain.jpg"), join(path, "second-name.jpg"));
  expect(await scan()).toEqual(["plain.jpg", "second-name.jpg"]);
});

test("scanFolder() gives the oldest of many, without those to be skipped", async () => {
  const { write, scan } = await setup();
  for (let i = 0; i < 150; i++) await write(`${i}.jpg`, 1, 2_000_000 - i);
  expect(await scan(3)).toEqual(["149.jpg", "148.jpg", "147.jpg"]);
  expect(await scan(2, (name) => name === "149.jpg")).toEqual(["148.jpg", "147.jpg"]);
});

test("readUnchanged() reads at most what it may, and nothing of a file that grew, was replaced by a link or is gone", async () => {
  const { root, path, write } = await setup();
  const file = await write("a.jpg", 1_000, 1_000);
  expect((await readUnchanged(file, 100))?.length).toBe(100);
  expect(await readUnchanged(file, 5_000)).toEqual(Buffer.alloc(1_000, 7));
  await write("a.jpg", 1_001, 1_000);
  expect(await readUnchanged(file, 5_000)).toBeNull();
  await rm(join(path, "a.jpg"));
  expect(await readUnchanged(file, 5_000)).toBeNull();
  await writeFile(join(root, "secret"), Buffer.alloc(1_000, 7));
  await utimes(join(root, "secret"), 1_000, 1_000);
  await symlink(join(root, "secret"), join(path, "a.jpg"));
  expect(await readUnchanged(file, 5_000)).toBeNull();
  expect(await isUnchanged(file)).toBe(false);
});

test("readUnchanged() does not go through a folder that became a link", async () => {
  const { root, path, write } = await setup();
  const file = await write("a.jpg", 1_000, 1_000);
  await symlink(path, join(root, "linked"));
  expect(await readUnchanged(file, 5_000)).not.toBeNull();
  expect(await readUnchanged({ ...file, path: join(root, "linked") }, 5_000)).toBeNull();
});

test("removeUnchanged() leaves a file that came under the name meanwhile", async () => {
  const { write, scan } = await setup();
  const first = await write("latest.jpg", 100, 1_000);
  const second = await write("latest.jpg", 100, 1_002);
  await removeUnchanged(first);
  expect(await scan()).toEqual(["latest.jpg"]);
  await removeUnchanged(second);
  await removeUnchanged(second);
  expect(await scan()).toEqual([]);
});

test("setAside() keeps the newest 200 refused files of a camera", async () => {
  const { root, write, scan } = await setup();
  for (let i = 0; i < 203; i++) await setAside(root, await write(`${i}.JPG`));
  expect(await scan()).toEqual([]);
  const kept = await scanFolder(join(root, REFUSED, "cam"), {
    limit: 1_000,
    skip: () => false,
    signal: new AbortController().signal,
  });
  const names = kept.map(({ name }) => name);
  expect(names).toHaveLength(200);
  expect(names).not.toContain("0.JPG-id.jpg");
  expect(names).toContain("202.JPG-id.jpg");
});

test("setAside() does not move anything through a link", async () => {
  const { root, path, write, scan } = await setup();
  const file = await write("a.jpg");
  await symlink(path, join(root, REFUSED));
  await expect(setAside(root, file)).rejects.toThrow(/not a link/);
  expect(await scan()).toEqual(["a.jpg"]);
});
