import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setupFolder } from "./files.fixture.ts";
import { listFiles } from "./list-files.ts";

const asked = { signal: new AbortController().signal };

test("listFiles() finds the documents of a folder and of those below in order, and nothing hidden or of another kind", async () => {
  const { folder } = await setupFolder({
    "b.md": "",
    "a/x.HTML": "",
    "a/.git/y.md": "",
    ".z.md": "",
    "c.jpg": "",
    "d.pdf": "",
  });
  expect(await listFiles(folder, ".", asked)).toEqual({ names: ["a/x.HTML", "b.md", "d.pdf"], links: 0 });
  expect(await listFiles(folder, "a", asked)).toEqual({ names: ["a/x.HTML"], links: 0 });
  expect(await listFiles(folder, "./a/../b.md", asked)).toEqual({ names: ["b.md"], links: 0 });
});

test("listFiles() follows no link, wherever it leads, and counts them", async () => {
  const { dir, folder } = await setupFolder({ "b.md": "" });
  await symlink(dir, join(folder, "out"));
  await symlink(join(dir, "secret.md"), join(folder, "secret.md"));
  await symlink("b.md", join(folder, "again.md"));
  await symlink(folder, join(folder, "round"));
  expect(await listFiles(folder, ".", asked)).toEqual({ names: ["b.md"], links: 4 });
  for (const name of ["out", "out/secret.md", "secret.md", "again.md", "round/b.md"])
    await expect(listFiles(folder, name, asked)).rejects.toMatchObject({ code: "PATH_REFUSED" });
});

test("listFiles() takes a folder of documents that is itself a link", async () => {
  const { dir, folder } = await setupFolder({ "b.md": "" });
  await symlink(folder, join(dir, "linked"));
  expect(await listFiles(join(dir, "linked"), ".", asked)).toEqual({ names: ["b.md"], links: 0 });
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
  const { dir, folder } = await setupFolder({ "b.md": "", "c.jpg": "" });
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
  const { folder } = await setupFolder(Object.fromEntries(names.map((name) => [name, ""])));
  execFileSync("mkfifo", [join(folder, "pipe.md")]);
  expect((await listFiles(folder, ".", asked)).names).toEqual([...names].sort());
});

test("listFiles() refuses a thousand and one documents, and folders in each other without end", async () => {
  const { folder } = await setupFolder();
  const deep = `${"d/".repeat(40)}`;
  await mkdir(join(folder, deep), { recursive: true });
  await expect(listFiles(folder, ".", asked)).rejects.toThrow("at most 32 folders in each other");
  await mkdir(join(folder, "many"));
  await Promise.all(Array.from({ length: 1_001 }, (_, i) => writeFile(join(folder, "many", `${i}.md`), "")));
  await expect(listFiles(folder, "many", asked)).rejects.toThrow("at most 1000 documents");
});
