import type { Dispatcher } from "undici";
import { EngineAnswerError } from "../../errors.ts";
import { type EngineFault, wordsOf } from "./engine-fault.ts";

const MOST_BYTES = 16 * 1024 * 1024;
const MOST_WORDS = 64 * 1024;

/** The whole answer. @throws {EngineAnswerError} when it is no JSON, or longer than 16 MiB */
export async function readJson({ body }: Dispatcher.ResponseData, fault: EngineFault): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES)
      throw fault(EngineAnswerError, `the answer must be at most ${MOST_BYTES} bytes: it goes on after that`);
  }
  const text = Buffer.concat(parts).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(EngineAnswerError, `the answer must be JSON: it begins with ${JSON.stringify(text.slice(0, 60))}`, {
      cause,
    });
  }
}

/** What an engine says of a refusal. The beginning is enough: what cannot be read of it explains nothing. */
export async function wordsIn({ body }: Dispatcher.ResponseData, token: string | null): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_WORDS) break;
    }
  } catch {
    return "";
  }
  return wordsOf(Buffer.concat(parts).subarray(0, MOST_WORDS).toString("utf8"), token);
}
