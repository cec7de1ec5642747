import type { Readable } from "node:stream";
import { UsageError } from "./errors.ts";

/** Reads standard input to its end. @throws {UsageError} when it has more bytes than allowed */
export async function readInput(stdin: Readable, what: string, most_bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    bytes += (chunk as Buffer).length;
    if (bytes > most_bytes)
      throw new UsageError(`Cannot read ${what} from standard input as it must be at most ${most_bytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
