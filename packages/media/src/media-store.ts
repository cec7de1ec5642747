import { constants, lstat, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FrameTooLargeError, MediaClosedError } from "./errors.ts";
import { splitMediaKey } from "./media-key.ts";
import { ifThere, type MediaScan, removeFile, scanMedia } from "./media-scan.ts";
import { hasRealFolders, writeMedia } from "./media-write.ts";
import { WalkedFolders } from "./walked-folders.ts";

/** When there is too much, the oldest files go until this share of `max_bytes` is left. */
const KEEP_SHARE = 0.9;
/** Other processes write below the same root: after writing this share of `max_bytes` oneself, everything is counted anew. */
const RECOUNT_SHARE = 0.1;

/** How the media store is opened. */
export interface MediaStoreOptions {
  /** A folder of this machine; made when missing. */
  root: string;
  /** What the files may have together. With N processes on one root it is kept to within N tenths more. */
  max_bytes: number;
}

/** What is stored, as far as this process knows; other processes' writes are seen at the next sweep. */
export interface MediaUsage {
  bytes: number;
  files: number;
}

/** What a sweep removed. */
export interface MediaSwept {
  removed_files: number;
  removed_bytes: number;
}

/** Files by key, bounded. Keys are as `splitMediaKey` says; every method throws `BadMediaKeyError` for another. */
export interface MediaStore {
  /** Settles when what was there at the start is counted. Waiting for it is not needed; it never rejects. */
  readonly ready: Promise<void>;
  /**
   * Stores a file, whole or not at all; repeating it changes nothing. Waits for a sweep when there is too much.
   * @throws {MediaFullError | FrameTooLargeError} the latter for a file larger than `max_bytes`
   */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
  has(key: string): Promise<boolean>;
  /** Whether there was one to remove. */
  remove(key: string): Promise<boolean>;
  usage(): MediaUsage;
  /** Counts anew, clears what killed processes left, and removes the oldest files if there is too much. One at a time. */
  sweep(): Promise<MediaSwept>;
  /** Ends a sweep under way; afterwards every method but `usage` throws `MediaClosedError`. Safe to repeat. */
  close(): Promise<void>;
}

/** Opens a bounded store of files below one folder, which other processes may share; counting it begins at once. */
export function createMediaStore(options: MediaStoreOptions): MediaStore {
  return new FileMediaStore(options);
}

class FileMediaStore implements MediaStore {
  readonly ready: Promise<void>;
  readonly #root: string;
  readonly #max_bytes: number;
  readonly #closing = new AbortController();
  readonly #walked = new WalkedFolders();
  #usage: MediaUsage = { bytes: 0, files: 0 };
  #written_since_count = 0;
  #sweeping: Promise<MediaSwept> | null = null;

  constructor({ root, max_bytes }: MediaStoreOptions) {
    this.#root = resolve(root);
    this.#max_bytes = max_bytes;
    this.ready = this.sweep().then(
      () => undefined,
      () => undefined,
    );
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const segments = this.#segments(key);
    if (bytes.length > this.#max_bytes) {
      throw new FrameTooLargeError(
        `Cannot store media "${key}" as it must be at most ${this.#max_bytes} bytes: current length is ${bytes.length}`,
        { facts: { bytes: bytes.length } },
      );
    }
    const { added_bytes, added_files } = await writeMedia({ root: this.#root, walked: this.#walked }, segments, bytes);
    this.#count(added_bytes, added_files);
    this.#written_since_count += bytes.length;
    const recount = this.#written_since_count > this.#max_bytes * RECOUNT_SHARE;
    if (recount || this.#usage.bytes > this.#max_bytes) await this.sweep();
  }

  async get(key: string): Promise<Uint8Array | null> {
    const segments = this.#segments(key);
    if (!(await hasRealFolders(this.#root, segments))) return null;
    const file = await openFile(join(this.#root, ...segments));
    if (file === null) return null;
    try {
      return (await file.stat()).isFile() ? await file.readFile() : null;
    } finally {
      await file.close();
    }
  }

  async has(key: string): Promise<boolean> {
    return (await this.#find(this.#segments(key))) !== null;
  }

  async remove(key: string): Promise<boolean> {
    const segments = this.#segments(key);
    const bytes = await this.#find(segments);
    if (bytes === null || !(await removeFile(join(this.#root, ...segments)))) return false;
    this.#count(-bytes, -1);
    return true;
  }

  usage(): MediaUsage {
    return { ...this.#usage };
  }

  sweep(): Promise<MediaSwept> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sweeping?.catch(() => undefined);
  }

  async #sweep(): Promise<MediaSwept> {
    this.#assertOpen();
    this.#written_since_count = 0;
    const scan = await scanMedia(this.#root, this.#closing.signal);
    this.#assertOpen();
    this.#usage = { bytes: scan.bytes, files: scan.files.length };
    if (scan.bytes > this.#max_bytes) await this.#removeOldest(scan);
    return { removed_files: scan.removed_files, removed_bytes: scan.removed_bytes };
  }

  async #removeOldest(scan: MediaScan): Promise<void> {
    scan.files.sort((a, b) => a.mtime_ms - b.mtime_ms || (a.path < b.path ? -1 : 1));
    for (const { path, bytes } of scan.files) {
      if (this.#usage.bytes <= this.#max_bytes * KEEP_SHARE || this.#closing.signal.aborted) return;
      this.#count(-bytes, -1);
      if (!(await removeFile(path))) continue;
      scan.removed_files += 1;
      scan.removed_bytes += bytes;
    }
  }

  /** Bytes of the file, or null when there is none. */
  async #find(segments: string[]): Promise<number | null> {
    if (!(await hasRealFolders(this.#root, segments))) return null;
    const found = await ifThere(lstat(join(this.#root, ...segments)));
    return found?.isFile() ? found.size : null;
  }

  #count(bytes: number, files: number): void {
    this.#usage = {
      bytes: Math.max(0, this.#usage.bytes + bytes),
      files: Math.max(0, this.#usage.files + files),
    };
  }

  #segments(key: string): string[] {
    this.#assertOpen();
    return splitMediaKey(key);
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) {
      throw new MediaClosedError(`Cannot use the media store as it must be open: it was closed`);
    }
  }
}

/** Opens a file for reading, never through a link and never waiting on a pipe; null when there is none. */
async function openFile(path: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    return await ifThere(open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ELOOP") return null;
    throw thrown;
  }
}
