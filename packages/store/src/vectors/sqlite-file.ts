import { renameSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { getLoadablePath } from "sqlite-vec";

/** How long to wait for another process that writes: less than a write may take, so that the thread is not ended for it. */
const BUSY_TIMEOUT_MS = 2_000;
/** SQLITE_CORRUPT and SQLITE_NOTADB: https://www.sqlite.org/rescode.html */
const BROKEN = [11, 26];
/** A database, what was not yet written into it, and the index of that. */
const PARTS = ["", "-wal", "-shm"];

/** The file of vectors, opened again when it was removed or replaced, and begun anew when it is no database. */
export class SqliteFile {
  readonly #path: string;
  readonly #onLost: (why: string) => void;
  #db: DatabaseSync | null = null;
  /** Of the file that was opened last. */
  #inode: bigint | null = null;

  /** `onLost`: told when the vectors that were there are there no more. */
  constructor(path: string, onLost: (why: string) => void) {
    this.#path = path;
    this.#onLost = onLost;
  }

  /** The database as it lies there now. */
  get db(): DatabaseSync {
    if (this.#db && this.#inode !== this.#inodeNow()) {
      this.#close();
      this.#onLost("the file was removed or replaced");
    }
    return this.#db ?? this.#open();
  }

  /** Puts a file away that turned out to be broken: the next call begins a new one. Of another fault nothing comes. */
  putAside(fault: { errcode?: number; message: string }): void {
    if (!BROKEN.includes((fault.errcode ?? 0) & 0xff)) return;
    this.#close();
    if (this.#inode !== this.#inodeNow()) return; // another process was first
    const aside = `${this.#path}.broken-${Date.now()}`;
    for (const part of PARTS) if (inodeOf(this.#path + part) !== null) renameSync(this.#path + part, aside + part);
    this.#onLost(`${fault.message}: the file was renamed to "${aside}"`);
  }

  #open(): DatabaseSync {
    const db = new DatabaseSync(this.#path, { allowExtension: true });
    this.#inode = this.#inodeNow();
    try {
      db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}; pragma journal_mode = wal; pragma synchronous = normal`);
      db.loadExtension(getLoadablePath());
      db.exec("create table if not exists sets (name text primary key, dimensions integer not null)");
    } catch (error) {
      db.close();
      throw error;
    }
    this.#db = db;
    return db;
  }

  #close(): void {
    this.#db?.close();
    this.#db = null;
  }

  #inodeNow(): bigint | null {
    return inodeOf(this.#path);
  }
}

const inodeOf = (path: string): bigint | null => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
