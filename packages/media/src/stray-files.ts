import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";

const MOST_FILES = 1_000;

/** Files that lie in the inbox itself, where no camera is: each is told once, while it is there. */
export class StrayFiles {
  #seen = new Set<string>();
  #told: ReadonlySet<string> = new Set();

  /** One entry of the inbox. Hidden and half uploaded files are nobody's mistake. */
  see(entry: Dirent): void {
    const stray = entry.isFile() && !entry.name.startsWith(".") && !/\.(part|tmp)$/i.test(entry.name);
    if (stray && this.#seen.size < MOST_FILES) this.#seen.add(entry.name);
  }

  /** Ends one look at the inbox: a sentence about the files that are new in it, null when there are none. */
  news(root: string): string | null {
    const [first, ...others] = [...this.#seen].filter((name) => !this.#told.has(name)).sort();
    this.#told = this.#seen;
    this.#seen = new Set();
    if (first === undefined) return null;
    const [lie, them] = others.length === 0 ? ["lies", "it"] : [`and ${others.length} more lie`, "them"];
    return `"${first}" ${lie} in the inbox itself, where no camera is: move ${them} to ${root}/<camera>/ (JPEG, PNG or WebP; mp4, mkv, avi or mov)`;
  }
}

/** One look at the whole inbox; none while it cannot be read. */
export async function lookForStrays(root: string, strays: StrayFiles): Promise<string | null> {
  try {
    for await (const entry of await opendir(root)) strays.see(entry);
  } catch {
    return null;
  }
  return strays.news(root);
}
