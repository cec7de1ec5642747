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

/** What an engine says of a refusal. */
export interface Said {
  /** For people, on one line. */
  words: string;
  /** Of google.rpc.Code; null where it names none, as nobody but an engine does. */
  code: number | null;
}

const NOT_FOUND = 5;

/** Whether an engine says of itself that there is nothing of that name: a proxy whose engine is away says 404 too. */
export const isUnknownThere = ({ status, said }: { status: number; said: Said }): boolean =>
  status === 404 && said.code === NOT_FOUND;

/** What an engine says of a refusal. The beginning is enough: what cannot be read of it explains nothing. */
export async function refusalIn({ body }: Dispatcher.ResponseData, token: string | null): Promise<Said> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_WORDS) break;
    }
  } catch {
    return { words: "", code: null };
  }
  const text = Buffer.concat(parts).subarray(0, MOST_WORDS).toString("utf8");
  return { words: wordsOf(text, token), code: codeIn(text) };
}

function codeIn(text: string): number | null {
  try {
    const { code } = (JSON.parse(text) ?? {}) as { code?: unknown };
    return typeof code === "number" ? code : null;
  } catch {
    return null;
  }
}
