import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UnreadableFileError, UsageError } from "../errors.ts";
import type { ParameterSchema } from "./runs.ts";

type Parameters = Record<string, unknown>;

/**
 * Parameters of the command line: `key=value` words, each key once. What is a string to its schema is text, what is a
 * number to it is read as one (`0.40`, `1e3`). Anything else is read as JSON where nothing is lost by that: `1.10` and
 * `007` stay as they were typed.
 * @throws {UsageError}
 */
export function readWords(words: readonly string[], schema: ParameterSchema | null): Parameters {
  const parameters: Parameters = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`Cannot run the pipeline as parameters must be key=value: one is "${word}"`);
    const key = word.slice(0, at);
    if (Object.hasOwn(parameters, key))
      throw new UsageError(`Cannot run the pipeline as each parameter must be there once: "${key}" is there again`);
    parameters[key] = readValue(word.slice(at + 1), schema?.properties?.[key]?.type);
  }
  return parameters;
}

function readValue(text: string, type: string | string[] | undefined): unknown {
  const types = [type].flat();
  if (types.includes("string")) return text;
  const number = types.includes("number") || types.includes("integer") ? readNumber(text) : null;
  if (number !== null) return number;
  const value = parse(text);
  if (value === undefined) return text;
  return typeof value === "number" && String(value) !== text ? text : value;
}

/** Null: it is none, or a whole one that would not stay itself. */
function readNumber(text: string): number | null {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number)) ? number : null;
}

/**
 * Parameters as one JSON object: the text itself, or the file that is named after an `@`.
 * @throws {UsageError} @throws {UnreadableFileError}
 */
export async function readJson(text: string, cwd: string): Promise<Parameters> {
  const json = text.startsWith("@") ? await read(text.slice(1), cwd) : text;
  const value = parse(json);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Parameters;
  throw new UsageError("Cannot run the pipeline as --parameters must be a JSON object, or @ and a file that has one");
}

async function read(name: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, name), "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UnreadableFileError(`Cannot read parameters from "${name}" as it must be a file: ${code}`, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
