import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** What an engine has done, one line of JSON each: written before it is told, so that a killed process has it again. */
export class Journal<Entry> {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What was written so far, oldest first; a line that was torn by a kill was told to nobody. */
  read(): Entry[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, "utf8").split("\n");
    const torn = lines.pop();
    if (torn) appendFileSync(this.#file, "\n");
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        return [];
      }
    });
  }

  write(entry: Entry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}
