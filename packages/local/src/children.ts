import { join } from "node:path";
import { readJson, writePrivate } from "./private-file.ts";
import { readProcess } from "./process-table.ts";

/** A process that this start is answerable for, as `children.json` keeps it. */
export interface Child {
  name: string;
  pid: number;
  started: string;
}

/** The list of started processes in `<home>/children.json`, written at every change, so that a later start can stop them. */
export class Children {
  readonly #path: string;
  readonly #living = new Map<number, Child>();

  constructor(dir: string) {
    this.#path = join(dir, "children.json");
  }

  /** What an earlier start left behind, whether it still lives or not. */
  recorded(): Child[] {
    return readJson<Child[]>(this.#path) ?? [];
  }

  /** Records a process right after it was started. */
  add(name: string, pid: number): void {
    this.#living.set(pid, { name, pid, started: readProcess(pid)?.started ?? "" });
    this.#write();
  }

  /** Forgets a process that has ended. */
  remove(pid: number): void {
    if (this.#living.delete(pid)) this.#write();
  }

  /** Forgets everything that was recorded, by this start and by earlier ones. */
  clear(): void {
    this.#living.clear();
    this.#write();
  }

  #write(): void {
    writePrivate(this.#path, `${JSON.stringify([...this.#living.values()], null, 2)}\n`);
  }
}
