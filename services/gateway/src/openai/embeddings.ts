import { type Checker, compileCheck } from "@gatehouse/events";
import type { Embedder } from "@gatehouse/models";
import { type Static, Type } from "@sinclair/typebox";
import { BadRequestError } from "../errors.ts";

/** As many as OpenAI takes. */
const MOST_TEXTS = 2_048;
/** As many as an embedder takes in one call. */
const AT_ONCE = 1_000;
/** Characters of a token, where nobody counts them. */
const CHARACTERS_OF_TOKEN = 4;

const Text = Type.String({ minLength: 1, maxLength: 262_144 });

/** What a program that speaks to OpenAI wants embedded. */
export const EmbeddingRequest = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 256, description: "One of GET /v1/models" }),
  input: Type.Union([Text, Type.Array(Text, { minItems: 1, maxItems: MOST_TEXTS })], {
    description: "A text or texts; lists of tokens are not taken",
  }),
  encoding_format: Type.Optional(Type.Union([Type.Literal("float"), Type.Literal("base64"), Type.Null()])),
  dimensions: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, description: "Only as many as the model gives" }), Type.Null()]),
  ),
});

const CHECK: Checker<typeof EmbeddingRequest> = compileCheck(EmbeddingRequest);

/** @throws {SchemaViolationError} with the fact `path` */
export function readEmbeddingRequest(body: unknown): Static<typeof EmbeddingRequest> {
  CHECK.assert(body, "Cannot embed");
  return body;
}

/** Embeds and answers as OpenAI does. The tokens are estimated, as no embedder tells them. @throws {BadRequestError} on other dimensions */
export async function embed(
  embedder: Embedder,
  { input, encoding_format, dimensions }: Static<typeof EmbeddingRequest>,
  options: Parameters<Embedder["embed"]>[1],
): Promise<object> {
  const texts = typeof input === "string" ? [input] : input;
  const pages = Array.from({ length: Math.ceil(texts.length / AT_ONCE) }, (_, at) =>
    texts.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
  const answers = await Promise.all(pages.map((page) => embedder.embed(page, options)));
  const vectors = answers.flatMap((answer) => answer.vectors);
  assertDimensions(vectors[0]!.length, dimensions);
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  const tokens = Math.ceil(characters / CHARACTERS_OF_TOKEN);
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding_format === "base64" ? base64Of(vector) : Array.from(vector),
    })),
    model: answers[0]!.model.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function assertDimensions(given: number, wanted: number | null | undefined): void {
  if (wanted === undefined || wanted === null || wanted === given) return;
  throw new BadRequestError(
    `Cannot embed as dimensions must be ${given}, as many as the model gives: current value is ${wanted}`,
    {
      facts: { path: "dimensions" },
    },
  );
}

/** 32-bit floats, little-endian, as every machine that this runs on has them. */
const base64Of = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");
