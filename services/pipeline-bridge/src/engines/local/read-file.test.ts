import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, link, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { setupFolder } from "./files.fixture.ts";
import { MOST_BYTES, readFileInside } from "./read-file.ts";

const text = async (folder: string, name: string) => Buffer.from(await readFileInside(folder, name)).toString();

test("readFileInside() reads a file whole, also one that is empty or has any name", async () => {
  const { folder } = await setupFolder({ "a\n%2F.md": "Hello", "b.md": "" });
  expect(await text(folder, "a\n%2F.md")).toBe("Hello");
  expect(await text(folder, "b.md")).toBe("");
});

test("readFileInside() takes as much as may be, and refuses one byte more before it reads it", async () => {
  const { folder } = await setupFolder({ "most.md": "", "more.md": "" });
  await truncate(join(folder, "most.md"), MOST_BYTES);
  await truncate(join(folder, "more.md"), MOST_BYTES + 1);
  expect((await readFileInside(folder, "most.md")).length).toBe(MOST_BYTES);
  await expect(readFileInside(folder, "more.md")).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: `Cannot take in "more.md" as it must have at most ${MOST_BYTES} bytes: it has ${MOST_BYTES + 1}`,
  });
});

test("readFileInside() reads nothing that a link leads to, and waits for no pipe", async () => {
  const { dir, folder } = await setupFolder({ "b.md": "" });
  await symlink(join(dir, "secret.md"), join(folder, "secret.md"));
  await symlink(dir, join(folder, "out"));
  execFileSync("mkfifo", [join(folder, "pipe.md")]);
  for (const name of ["secret.md", "out/secret.md", "../secret.md"])
    await expect(readFileInside(folder, name)).rejects.toMatchObject({ code: "PATH_REFUSED" });
  await expect(readFileInside(folder, "pipe.md")).rejects.toThrow("it must be a file");
});

/** A thread of its own, so that it comes between any two steps of a reader. */
const SWAPPING = `
  const { renameSync } = require("node:fs");
  const { parentPort, workerData: { a, kept, link } } = require("node:worker_threads");
  parentPort.postMessage("swapping");
  for (;;) for (const [from, to] of [[a, kept], [link, a], [a, link], [kept, a]]) renameSync(from, to);`;

test("readFileInside() reads nothing outside while a folder becomes a link and a folder again, all the time", async () => {
  const { dir, folder } = await setupFolder({ "a/secret.md": "Nothing." });
  const places = { a: join(folder, "a"), kept: join(dir, "kept"), link: join(dir, "link") };
  await symlink(dir, places.link);
  const swapping = new Worker(SWAPPING, { eval: true, workerData: places });
  onTestFinished(async () => void (await swapping.terminate()));
  await once(swapping, "message");
  const read = await Promise.allSettled(Array.from({ length: 2_000 }, () => text(folder, "a/secret.md")));
  const kinds = new Set(read.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code)));
  expect([...kinds].filter((kind) => !["Nothing.", "PATH_REFUSED", "FILE_UNREADABLE"].includes(kind))).toEqual([]);
});

test("readFileInside() gives what was there at one moment, or says that the file changes all the time", async () => {
  const { folder } = await setupFolder({ "log.md": "" });
  const path = join(folder, "log.md");
  await truncate(path, MOST_BYTES / 2);
  let writing = true;
  onTestFinished(() => {
    writing = false;
  });
  const writer = (async () => {
    while (writing) await appendFile(path, "x");
  })();
  await expect(readFileInside(folder, "log.md")).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: 'Cannot take in "log.md" as it must stay the same while it is read',
  });
  writing = false;
  await writer;
  expect((await readFileInside(folder, "log.md")).length).toBeGreaterThan(MOST_BYTES / 2);
});

test("readFileInside() reads nothing that has a second name, which may lie outside", async () => {
  const { dir, folder } = await setupFolder();
  await link(join(dir, "secret.md"), join(folder, "secret.md"));
  await expect(readFileInside(folder, "secret.md")).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: 'Cannot take in "secret.md" as it must have no other name: it has 2 (hard links)',
  });
});

test("readFileInside() reads a file that is still there where the system does not tell what was opened", async () => {
  const { dir, folder } = await setupFolder({ "a.md": "Hello" });
  const body = await readFileInside(folder, "a.md", { opened_files: join(dir, "nowhere") });
  expect(Buffer.from(body).toString()).toBe("Hello");
});
