import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { ifThere } from "./media-scan.ts";

/** Folders remembered, at most: a camera has one a day. */
const MOST = 1_000;

/** Folders that were reached from the root through folders only: one look tells whether they are still the same ones. */
export class WalkedFolders {
  readonly #ids = new Map<string, string>();

  /** Whether the folder is the one that was walked to. */
  async has(folder: string): Promise<boolean> {
    const id = this.#ids.get(folder);
    if (id === undefined) return false;
    const found = await ifThere(lstat(folder));
    return found !== null && idOf(found) === id;
  }

  /** Notes a folder that was walked to just now. */
  async add(folder: string): Promise<void> {
    const found = await ifThere(lstat(folder));
    if (!found?.isDirectory()) return;
    if (this.#ids.size >= MOST) this.#ids.clear();
    this.#ids.set(folder, idOf(found));
  }
}

/** A link or another folder under the same name has another one. */
const idOf = ({ dev, ino, mode, birthtimeMs }: Stats): string => `${dev} ${ino} ${mode} ${birthtimeMs}`;
