import { tokenize } from "../answerer/tokens.ts";
import { BadRequestError } from "../errors.ts";

/** Most tokens of one text, and most texts of one request, as Text Embeddings Inference has them by default for long models. */
export const maxTokens = 8_192;
export const maxTexts = 32;
/** Most texts at the doors that have no such limit. */
const mostTexts = 2_048;

/** A request's body. @throws {BadRequestError} */
export function readFields(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw wrong("body", "a JSON object", body);
}

/** A list of texts, or one text. @throws {BadRequestError} naming the field; with the fact `status` 413 when there are too many */
export function readTexts(value: unknown, field: string, most = mostTexts): string[] {
  const texts = typeof value === "string" ? [value] : value;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((text) => typeof text === "string" && text !== ""))
    throw wrong(field, "a text or a list of texts, none of them empty", value);
  if (texts.length > most)
    throw new BadRequestError(`batch size ${texts.length} > maximum allowed batch size ${most}`, {
      facts: { status: 413, param: field },
    });
  return texts;
}

/** Cuts texts to the most tokens, or refuses them. @throws {BadRequestError} with the given status */
export function fitTokens(
  texts: readonly string[],
  { truncate, status }: { truncate: boolean; status: number },
): string[] {
  return texts.map((text) => {
    const tokens = tokenize(text);
    if (tokens.length <= maxTokens) return text;
    if (truncate) return tokens.slice(0, maxTokens).join("");
    throw new BadRequestError(`inputs must have less than ${maxTokens} tokens. Given: ${tokens.length}`, {
      facts: { status },
    });
  });
}

export const wrong = (field: string, wanted: string, value: unknown) =>
  new BadRequestError(`Cannot read "${field}" as it must be ${wanted}: current value is ${shown(value)}`, {
    facts: { param: field },
  });

const shown = (value: unknown): string => (JSON.stringify(value) ?? "missing").slice(0, 80);
