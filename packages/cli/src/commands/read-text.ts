import type { Readable } from "node:stream";
import { UsageError } from "../errors.ts";

/** Reads text from standard input to its end. @throws {UsageError} when it is longer than allowed, in bytes */
export async function readText(stdin: Readable, what: string, most_bytes: number): Promise<string> {
  return (await readBytes(stdin, what, most_bytes)).toString("utf8");
}

/** Reads standard input to its end. @throws {UsageError} when it is longer than allowed */
export async function readBytes(stdin: Readable, what: string, most_bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    bytes += (chunk as Buffer).length;
    if (bytes > most_bytes)
      throw new UsageError(`Cannot read ${what} from standard input as it must be at most ${most_bytes} bytes`);
    chunks.push(Buffer.from(chunk as Buffer));
  }
  return Buffer.concat(chunks);
}
