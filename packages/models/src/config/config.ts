import { type Static, Type } from "@sinclair/typebox";
import { SecretRef } from "../calling/secret.ts";

const closed = { additionalProperties: false };
const inFlight = Type.Integer({
  minimum: 1,
  maximum: 1024,
  default: 64,
  description: "Calls of this server at a time",
});
const timeoutMs = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 3_600_000, default: fallback, description });

/** One detector of a ranked list. */
export const DetectorConfig = Type.Object(
  {
    kind: Type.Literal("http-detect"),
    url: Type.String({ minLength: 1, description: "Without /detect; no credentials, no query" }),
    timeout_ms: Type.Optional(timeoutMs(2_000, "From sending the picture to the whole answer")),
    in_flight: Type.Optional(inFlight),
    api_key: Type.Optional(SecretRef),
  },
  closed,
);
export type DetectorConfig = Static<typeof DetectorConfig>;

/** One language model of a ranked list. */
export const LlmConfig = Type.Object(
  {
    kind: Type.Literal("openai"),
    url: Type.String({ minLength: 1, description: "With or without /v1; no credentials, no query" }),
    model: Type.String({ minLength: 1, description: "The model's name at the server" }),
    connect_timeout_ms: Type.Optional(timeoutMs(10_000, "Until a connection stands")),
    timeout_ms: Type.Optional(timeoutMs(120_000, "Until the answer begins, and between two of its parts")),
    in_flight: Type.Optional(inFlight),
    json_schema: Type.Optional(
      Type.Boolean({ default: true, description: "Whether the server can be held to a JSON schema" }),
    ),
    api_key: Type.Optional(SecretRef),
  },
  closed,
);
export type LlmConfig = Static<typeof LlmConfig>;

/** What `createDetector` and `createLlm` fill in. */
export const DETECTOR_DEFAULTS = Object.freeze({ timeout_ms: 2_000, in_flight: 64 });
export const LLM_DEFAULTS = Object.freeze({
  connect_timeout_ms: 10_000,
  timeout_ms: 120_000,
  in_flight: 64,
  json_schema: true,
});
