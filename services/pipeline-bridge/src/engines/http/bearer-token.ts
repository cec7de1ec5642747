import { readFile, stat } from "node:fs/promises";
import type { SecretRef } from "@gatehouse/runtime";
import { EngineUnauthorizedError } from "../../errors.ts";
import { within } from "./within.ts";

/** The token that an engine is shown. A file is looked at before each request and read again when it changed: tokens are rotated. */
export class BearerToken {
  readonly #ref: SecretRef | null;
  #token: string | null = null;
  /** What the file looked like when it was read. */
  #seen = "";
  /** A file that does not answer is waited for by all together. */
  #looking: Promise<void> | null = null;

  constructor(ref: SecretRef | null) {
    this.#ref = ref;
  }

  /** The token; null where none is configured. While a file cannot be read, the token that it held last. @throws {EngineUnauthorizedError} without its content @throws the signal's reason */
  async current(signal: AbortSignal): Promise<string | null> {
    const ref = this.#ref;
    if (ref === null) return null;
    if ("env" in ref) this.#token ??= usable(process.env[ref.env] ?? "", place(ref));
    else {
      this.#looking ??= this.#look(ref.file).finally(() => (this.#looking = null));
      await within(this.#looking, signal);
    }
    return this.#token;
  }

  /** Reads a file again, whatever it looks like. @throws what `current` throws */
  async reread(signal: AbortSignal): Promise<string | null> {
    const ref = this.#ref;
    this.#seen = "";
    if (ref !== null && "file" in ref) await within(this.#look(ref.file), signal);
    return this.#token;
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
