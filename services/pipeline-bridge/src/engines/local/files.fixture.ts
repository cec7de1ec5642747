import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of documents beside a file that is none of its business: `<dir>/documents`, `<dir>/secret.md`. */
export async function setupFolder(files: Record<string, string> = {}): Promise<{ dir: string; folder: string }> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-documents-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const folder = join(dir, "documents");
  await mkdir(folder);
  await writeFile(join(dir, "secret.md"), "The key is under the mat.");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return { dir, folder };
}
