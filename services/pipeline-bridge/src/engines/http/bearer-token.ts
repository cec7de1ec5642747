import { readFile, stat } from "node:fs/promises";
import type { SecretRef } from "@gatehouse/runtime";
import { EngineUnauthorizedError } from "../../errors.ts";

/** The token that an engine is shown. A file is looked at before each request and read again when it changed: tokens are rotated. */
export class BearerToken {
  readonly #ref: SecretRef | null;
  #token: string | null = null;
  /** What the file looked like when it was read. */
  #seen = "";

  constructor(ref: SecretRef | null) {
    this.#ref = ref;
  }

  /** The token; null where none is configured. While a file cannot be read, the token that it held last. @throws {EngineUnauthorizedError} without its content */
  async current(): Promise<string | null> {
    const ref = this.#ref;
    if (ref === null) return null;
    if ("env" in ref) this.#token ??= usable(process.env[ref.env] ?? "", place(ref));
    else await this.#look(ref.file);
    return this.#token;
  }

  /** Reads a file again, whatever it looks like; tells whether it held another token. @throws {EngineUnauthorizedError} */
  async reread(): Promise<boolean> {
    const before = this.#token;
    this.#seen = "";
    return (await this.current()) !== before;
  }

  async #look(file: string): Promise<void> {
    try {
      const { ino, mtimeMs, size } = await stat(file);
      const seen = `${ino} ${mtimeMs} ${size}`;
      if (seen === this.#seen) return;
      this.#token = usable(await readFile(file, "utf8"), place({ file }));
      this.#seen = seen;
    } catch (error) {
      if (this.#token !== null) return;
      if (error instanceof EngineUnauthorizedError) throw error;
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      throw new EngineUnauthorizedError(
        `Cannot read ${place({ file })} as it must be readable: current state is "${code}"`,
      );
    }
  }
}

const place = (ref: SecretRef): string =>
  "env" in ref ? `the token in the environment variable "${ref.env}"` : `the token file "${ref.file}"`;

function usable(text: string, where: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const seen = token === "" ? "it is empty or missing" : "it holds something else";
  throw new EngineUnauthorizedError(`Cannot use ${where} as it must be printable ASCII without spaces: ${seen}`);
}
