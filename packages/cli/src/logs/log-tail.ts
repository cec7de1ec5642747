import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const MOST_BYTES = 1024 * 1024;

/** The end of a log file, and whatever is added to it; also over its rotation. */
export class LogTail {
  readonly path: string;
  #inode = 0;
  #offset = 0;
  #begun = "";

  constructor(path: string) {
    this.path = path;
  }

  /** Whole lines that were not read before; of a large file only those at its end. */
  read(): string[] {
    const file = openFile(this.path);
    if (file === null) return [];
    try {
      const { ino, size } = fstatSync(file);
      if (ino !== this.#inode || size < this.#offset) this.#begin(ino, Math.max(0, size - MOST_BYTES));
      const lines = `${this.#begun}${this.#readTo(file, size)}`.split("\n");
      this.#begun = lines.pop() ?? "";
      return lines.filter((line) => line !== "");
    } finally {
      closeSync(file);
    }
  }

  #begin(inode: number, offset: number): void {
    this.#inode = inode;
    this.#offset = offset;
    this.#begun = "";
  }

  #readTo(file: number, size: number): string {
    const bytes = Buffer.alloc(Math.min(size - this.#offset, MOST_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, this.#offset);
    this.#offset += read;
    return bytes.toString("utf8", 0, read);
  }
}

function openFile(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
