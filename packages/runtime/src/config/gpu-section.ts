import { Id, OneOf } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { Secret } from "./secret.ts";

const Mb = (minimum: number, description: string) => Type.Integer({ minimum, maximum: 16_777_216, description });
const Url = (description: string) => Type.String({ format: "url", maxLength: 2048, description });

const asked = {
  api_key: Type.Optional(Secret("Sent as bearer token")),
  timeout_ms: Type.Optional(
    Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      description: "How long one load or unload may take until the server confirms it; 300000 unless said",
    }),
  ),
};
const atServer = {
  ...asked,
  url: Url("Where the server listens"),
  model: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: "The model's name at the server; name unless said" }),
  ),
};
const kind = <const K extends string>(name: K, description: string) => ({ kind: Type.Literal(name, { description }) });

const Load = Type.Union([
  Type.Object({ ...atServer, ...kind("triton", "Triton's model repository, in explicit model control mode") }),
  Type.Object({ ...atServer, ...kind("ollama", "Ollama's keep_alive") }),
  Type.Object({
    ...asked,
    load_url: Url("Gets a POST { model } and answers 2xx when the model is loaded"),
    unload_url: Url("Gets a POST { model } and answers 2xx when its memory is free"),
    ...kind("webhook", "Two addresses of whatever runs the model"),
  }),
  Type.Object(kind("none", "The server has it loaded all the time")),
]);

const Model = Type.Object({
  name: Type.String({
    pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$",
    description: "What gpu of an entry under models says",
  }),
  vram_mb: Mb(1, "All that it takes on the card, with its working memory"),
  priority: {
    ...OneOf(["critical", "high", "normal", "low"], "Who goes first, and whose model stays"),
    default: "normal",
  },
  resident: Type.Boolean({ default: false, description: "Loaded from the start, and never unloaded to make room" }),
  exclusive_group: Type.Optional(Id("Of the models of one group, one at a time is used")),
  idle_unload_s: Type.Integer({
    minimum: 1,
    maximum: 2_592_000,
    default: 300,
    description: "Unloaded when nobody used it for this long",
  }),
  load: Load,
});

/** Graphics cards, and the models that share them. */
export const gpu = Type.Object({
  cards: Type.Array(
    Type.Object({
      id: Id("Names the card"),
      vram_mb: Mb(256, "Memory of the card"),
      reserved_mb: { ...Mb(0, "Of it, what the driver and others take"), default: 500 },
      models: Type.Array(Model, { minItems: 1, maxItems: 64, description: "Models that may be on it" }),
    }),
    { maxItems: 64, default: [], description: "Cards whose memory is planned" },
  ),
});
