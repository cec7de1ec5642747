import { execFileSync } from "node:child_process";
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setupFolder } from "./files.fixture.ts";
import { listFiles } from "./list-files.ts";
import { nothingPassed } from "./passed-over.ts";

const asked = { signal: new AbortController().signal };

test("listFiles() finds the documents of a folder and of those below in order, and counts what it passes over", async () => {
  const { folder } = await setupFolder({
    "b.md": "B",
    "a/x.HTML": "X",
    "a/.git/y.md": "Y",
    ".z.md": "Z",
    "c.jpg": "C",
    "d.pdf": "D",
    "e.md": "",
  });
  await link(join(folder, "c.jpg"), join(folder, "again.md"));
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff]), Buffer.from(".md")]), "F");
  expect(await listFiles(folder, ".", asked)).toEqual({
    names: ["a/x.HTML", "b.md", "d.pdf"],
    passed: { ...nothingPassed(), others: 1, linked: 1, empty: 1, unnamed: 1 },
  });
  expect((await listFiles(folder, "a", asked)).names).toEqual(["a/x.HTML"]);
  expect((await listFiles(folder, "./a/../b.md", asked)).names).toEqual(["b.md"]);
});

test("listFiles() follows no link, wherever it leads, and counts them", async () => {
  const { dir, folder } = await setupFolder({ "b.md": "B" });
  await symlink(dir, join(folder, "out"));
  await symlink(join(dir, "secret.md"), join(folder, "secret.md"));
  await symlink("b.md", join(folder, "again.md"));
  await symlink(folder, join(folder, "round"));
  expect(await listFiles(folder, ".", asked)).toEqual({ names: ["b.md"], passed: { ...nothingPassed(), links: 4 } });
  for (const name of ["out", "out/secret.md", "secret.md", "again.md", "round/b.md"])
    await expect(listFiles(folder, name, asked)).rejects.toMatchObject({ code: "PATH_REFUSED" });
});

test("listFiles() takes a folder of documents that is itself a link", async () => {
  const { dir, folder } = await setupFolder({ "b.md": "B" });
  await symlink(folder, join(dir, "linked"));
  expect((await listFiles(join(dir, "linked"), ".", asked)).names).toEqual(["b.md"]);
});

test("listFiles() refuses what has no document in it, and says what it passed over", async () => {
  const { dir, folder } = await setupFolder({ "a.docx": "A", "b.docx": "B", "none/.c.md": "C", "empty.md": "" });
  await link(join(dir, "secret.md"), join(folder, "secret.md"));
  for (const [name, why] of [
    ["none", "it must have a document in it"],
    [
      ".",
      "it must have a document in it: 1 file with other names (hard links) was passed over; 2 files of other kinds were passed over; 1 empty file was passed over",
    ],
    ["secret.md", "it must have no other name: it has 2 (hard links)"],
    ["empty.md", "it must not be empty"],
  ] as const)
    await expect(listFiles(folder, name, asked)).rejects.toMatchObject({
      code: "PATH_REFUSED",
      message: `Cannot take in "${name}" as ${why}`,
    });
});

test.each([
  ["..", "must lie in the folder of documents"],
  ["../secret.md", "must lie in the folder of documents"],
  ["/etc", "must lie in the folder of documents"],
  ["a/../../secret.md", "must lie in the folder of documents"],
  ["../documents-of-others", "must lie in the folder of documents"],
  ["nowhere", "must be there: ENOENT"],
  ["b.md/x.md", "must be there: ENOTDIR"],
  ["c.jpg", "a file that ends in .md"],
  ["a".repeat(300), "must be there: ENAMETOOLONG"],
])("listFiles() refuses %j", async (name, why) => {
  const { dir, folder } = await setupFolder({ "b.md": "B", "c.jpg": "C" });
  await mkdir(join(dir, "documents-of-others"));
  await expect(listFiles(folder, name, asked)).rejects.toMatchObject({
    code: "PATH_REFUSED",
    message: expect.stringContaining(why),
  });
});

test("listFiles() says that there is no folder of documents", async () => {
  const { dir } = await setupFolder();
  const why = "the folder of documents as it must be there: ENOENT";
  await expect(listFiles(join(dir, "none"), ".", asked)).rejects.toThrow(why);
});

test("listFiles() names files whatever is in their names, and takes no pipe for a file", async () => {
  const names = ["a\nb.md", "a%2F..%2Fb.md", "b\u202e.md", "c;$(x) '\".md", "d\u2028.md"];
  const { folder } = await setupFolder(Object.fromEntries(names.map((name) => [name, "Text"])));
  execFileSync("mkfifo", [join(folder, "pipe.md")]);
  expect((await listFiles(folder, ".", asked)).names).toEqual([...names].sort());
});

test("listFiles() refuses a thousand and one documents, and folders in each other without end", async () => {
  const { folder } = await setupFolder();
  const deep = `${"d/".repeat(40)}`;
  await mkdir(join(folder, deep), { recursive: true });
  await expect(listFiles(folder, ".", asked)).rejects.toThrow("at most 32 folders in each other");
  await mkdir(join(folder, "many"));
  await Promise.all(Array.from({ length: 1_001 }, (_, i) => writeFile(join(folder, "many", `${i}.md`), "Text")));
  await expect(listFiles(folder, "many", asked)).rejects.toThrow("at most 1000 documents");
});
