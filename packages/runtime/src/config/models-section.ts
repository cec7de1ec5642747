import { OneOf, Unit } from "@gatehouse/events";
import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { Secret } from "./secret.ts";

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
const Url = (description: string) => Type.String({ format: "url", maxLength: 2048, description });

/** What every entry of a ranked list may say. */
const called = {
  timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 3_600_000, description: "Asked longer than this, the next one is asked" }),
  ),
  in_flight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, description: "Calls of this server at a time" })),
  gpu: Type.Optional(Name("Name of the model under gpu.cards whose lease is held during a call")),
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
/** A model of this machine, or a server that knows no keys. */
const Local = <const K extends string, P extends TProperties>(kind: K, description: string, own: P) =>
  Type.Object({ ...called, ...own, kind: Type.Literal(kind, { description }) }, { description });
const Ranked = <T extends TSchema>(entry: T, description: string) =>
  Type.Array(entry, { maxItems: 16, default: [], description: `${description}, best first` });
const OF_UP = "none: the reference model of gatehouse up";

const model = Name("Name of the model at the server");
const Labels = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 10_000, description }),
  );
const yolo = {
  labels: Labels("Labels by class number; COCO's 80 unless said"),
  min_confidence: Type.Optional(Unit("Boxes below this are left out before overlaps are dropped; 0.25 unless said")),
  max_overlap: Type.Optional(Unit("Of two boxes of one label that overlap more than this (IoU) one is dropped; 0.45")),
};
const kserve = {
  model,
  version: Type.Optional(Name("Version of the model; the server's choice unless said")),
  batch: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1024, description: "Items in one request; 1 unless said: no batching" }),
  ),
};
const size_px = Type.Optional(
  Type.Integer({
    minimum: 32,
    maximum: 4096,
    description: "Side of the square picture that boxes are in, where the model does not say; 640",
  }),
);
/** YOLO models take a picture's bytes, or a tensor that is made here. */
const kserveDetector = {
  ...kserve,
  ...yolo,
  size_px,
  input: Type.Optional({
    ...OneOf(
      ["encoded", "tensor"],
      "encoded: the picture's bytes, for a model that decodes and letterboxes them; tensor: pixels made here",
    ),
  }),
};
const kserveClassifier = { ...kserve, labels: Labels("Labels by class number; the numbers unless said") };
const kservePose = {
  ...kserve,
  min_confidence: yolo.min_confidence,
  max_overlap: Type.Optional(Unit("Of two bodies whose boxes overlap more than this (IoU) one is dropped; 0.45")),
  size_px,
};
const openai = {
  model,
  connect_timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 600_000, description: "Until a connection stands" }),
  ),
  json_schema: Type.Optional(Type.Boolean({ description: "Whether the server can be held to a JSON schema" })),
  continues: Type.Optional({
    ...OneOf(
      ["final_message", "prefix", "never"],
      "How it is asked to go on with an answer that another began: final_message for vLLM, SGLang, llama.cpp and Ollama (so unless said), prefix for Mistral, DeepSeek and LiteLLM; never: it answers anew",
    ),
  }),
  max_tokens_field: Type.Optional({
    ...OneOf(
      ["max_tokens", "max_completion_tokens"],
      "What it calls the most tokens of an answer: max_tokens unless said; OpenAI's o-series and gpt-5 know max_completion_tokens only",
    ),
  }),
};
const price = (description: string) => Type.Number({ minimum: 0, maximum: 1e6, description });
/** What a language model's tokens cost, and whether it is ours. */
const priced = {
  cost: Type.Optional(
    Type.Object({
      prompt_per_million: price("Price of a million tokens of the prompt, in a currency of your choice"),
      completion_per_million: price("Price of a million tokens of the answer"),
    }),
  ),
  local: Type.Optional(Type.Boolean({ description: "Counts as a model of your own; so without a cost unless said" })),
};
const Budget = (description: string) =>
  Type.Object(
    {
      tokens_per_day: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 1e12, description: "Tokens of prompts and answers, of all models" }),
      ),
      cost_per_day: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description: "In the currency of cost" })),
    },
    { description },
  );
const truncate = Type.Optional(
  Type.Boolean({ description: "Texts that are too long for the model are cut; refused unless said" }),
);
const wyoming = {
  url: Type.String({ pattern: "^tcp://[^/?#@]+:[0-9]{1,5}$", maxLength: 512, description: "tcp://host:port" }),
};
const voice = Type.Optional(Name("Voice, as the server names it; the server's choice unless said"));
const florence = Server("florence", "Speaks POST /predict (Florence-2)", {});
/** Ranked lists of model servers by interface. */
export const models = Type.Object({
  detector: Ranked(
    Type.Union([
      Server("http-detect", "Speaks POST /detect", {}),
      Server("kserve-grpc", "A YOLO model behind KServe v2 over gRPC (Triton)", kserveDetector),
      Server("kserve-http", "A YOLO model behind KServe v2 over HTTP with binary tensors (Triton)", kserveDetector),
      Local("onnx", "A YOLO model of this machine, run by ONNX Runtime", {
        ...yolo,
        file: Type.String({ minLength: 1, maxLength: 4096, description: "Path of the .onnx file" }),
        in_flight: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 64, description: "Pictures at a time; 2 unless said" }),
        ),
      }),
    ]),
    `Detectors (${OF_UP})`,
  ),
  llm: Ranked(
    Server("openai", "Speaks POST /v1/chat/completions", { ...openai, ...priced }),
    `Language models (${OF_UP})`,
  ),
  vision_llm: Ranked(
    Server("openai", "Speaks POST /v1/chat/completions with pictures", { ...openai, ...priced }),
    "Language models that see",
  ),
  budgets: Type.Object({
    user: Budget("What each user's answers may take in a day (UTC)"),
    service: Budget("What each service's answers may take in a day (UTC)"),
  }),
  embedder: Ranked(
    Type.Union([
      Server("tei", "Speaks POST /embed (Text Embeddings Inference)", { truncate }),
      Server("openai", "Speaks POST /v1/embeddings", { model }),
      Server("ollama", "Speaks POST /api/embed", { model, truncate }),
      Server("ray-serve", "Speaks POST /embeddings", {}),
    ]),
    "Models that turn texts into vectors, all the same model",
  ),
  image_embedder: Ranked(
    Type.Union([
      Server("clip", "Speaks POST /embed with a picture", {}),
      Server("kserve-grpc", "A model behind KServe v2 over gRPC (Triton)", kserve),
      Server("kserve-http", "A model behind KServe v2 over HTTP with binary tensors (Triton)", kserve),
    ]),
    "Models that turn pictures into vectors, all the same model",
  ),
  classifier: Ranked(
    Type.Union([
      florence,
      Server("kserve-grpc", "A model behind KServe v2 over gRPC (Triton)", kserveClassifier),
      Server("kserve-http", "A model behind KServe v2 over HTTP with binary tensors (Triton)", kserveClassifier),
    ]),
    "Models that say which labels fit a picture",
  ),
  pose: Ranked(
    Type.Union([
      Server("kserve-grpc", "A YOLO pose model behind KServe v2 over gRPC (Triton)", kservePose),
      Server("kserve-http", "A YOLO pose model behind KServe v2 over HTTP with binary tensors (Triton)", kservePose),
    ]),
    "Models that find the joints of bodies",
  ),
  reranker: Ranked(
    Type.Union([
      Server("tei", "Speaks POST /rerank (Text Embeddings Inference)", {}),
      Server("openai", "Speaks POST /v1/rerank", { model }),
      Server("ray-serve", "Speaks POST /reranker", {}),
    ]),
    "Models that rank texts",
  ),
  speech_to_text: Ranked(
    Type.Union([
      Server("openai", "Speaks POST /v1/audio/transcriptions", {
        model,
        response_format: Type.Optional({
          ...OneOf(["verbose_json", "json"], "json for models that cannot tell when what was said"),
        }),
      }),
      Server("ray-serve", "Speaks POST /whisper", {}),
      Local("wyoming", "Speaks the Wyoming protocol over TCP", wyoming),
    ]),
    "Models that write down speech",
  ),
  text_to_speech: Ranked(
    Type.Union([
      Server("openai", "Speaks POST /v1/audio/speech", { model, voice }),
      Server("ray-serve", "Speaks POST /tts (XTTS)", { voice }),
      Local("wyoming", "Speaks the Wyoming protocol over TCP", { ...wyoming, voice }),
    ]),
    "Models that speak",
  ),
  captioner: Ranked(florence, "Models that describe pictures"),
  ocr: Ranked(florence, "Models that read text in pictures"),
});
