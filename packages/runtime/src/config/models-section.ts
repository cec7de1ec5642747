import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { Secret } from "./secret.ts";

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
const Url = (description: string) => Type.String({ format: "url", maxLength: 2048, description });

/** What every entry of a ranked list may say. */
const called = {
  timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 3_600_000, description: "Asked longer than this, the next one is asked" }),
  ),
  in_flight: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1024, description: "Calls of this server at a time; 64 unless said" }),
  ),
};

/** A server that answers for a model. */
const Server = <const K extends string, P extends TProperties>(kind: K, description: string, own: P) =>
  Type.Object(
    {
      ...own,
      ...called,
      kind: Type.Literal(kind, { description }),
      url: Url("Where it listens"),
      api_key: Type.Optional(Secret("Sent as bearer token")),
    },
    { description },
  );
const Ranked = <T extends TSchema>(entry: T, description: string) =>
  Type.Array(entry, {
    maxItems: 16,
    default: [],
    description: `${description}, best first; none: the reference model of gatehouse up`,
  });

const model = Name("Name of the model at the server");
const openai = {
  model,
  connect_timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 600_000, description: "Until a connection stands" }),
  ),
  json_schema: Type.Optional(Type.Boolean({ description: "Whether the server can be held to a JSON schema" })),
};
/** Ranked lists of model servers by interface. */
export const models = Type.Object({
  detector: Ranked(Server("http-detect", "Speaks POST /detect", {}), "Detectors"),
  llm: Ranked(Server("openai", "Speaks POST /v1/chat/completions", openai), "Language models"),
});
