import { type Checker, compileCheck } from "@gatehouse/events";
import type { WireMessage, WireRequest } from "@gatehouse/models";
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { BadRequestError } from "../errors.ts";

const Maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Words = Type.String();

const Part = Type.Object({
  type: Type.Union([Type.Literal("text"), Type.Literal("image_url")]),
  text: Type.Optional(Words),
  image_url: Type.Optional(
    Type.Object({
      url: Type.String({
        pattern: "^data:image/(jpeg|png|webp|gif);base64,",
        description: "A data URL: none is fetched",
      }),
    }),
  ),
});

const Role = Type.Union(["system", "developer", "user", "assistant", "tool"].map((role) => Type.Literal(role)));

const Message = Type.Object({
  role: Role,
  content: Type.Optional(Type.Union([Words, Type.Array(Part, { maxItems: 256 }), Type.Null()])),
  name: Maybe(Words),
  tool_calls: Maybe(Type.Array(Type.Object({}), { maxItems: 256 })),
  tool_call_id: Maybe(Words),
});

const Tool = Type.Object({
  type: Type.Literal("function"),
  function: Type.Object({ name: Type.String({ minLength: 1, maxLength: 256 }) }),
});

/** What a program that speaks to OpenAI asks for. */
export const ChatCompletion = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 256, description: "One of GET /v1/models" }),
  messages: Type.Array(Message, { minItems: 1, maxItems: 4_096 }),
  stream: Maybe(Type.Boolean()),
  stream_options: Maybe(Type.Object({ include_usage: Maybe(Type.Boolean()) })),
  n: Maybe(Type.Literal(1)),
  max_tokens: Maybe(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
  max_completion_tokens: Maybe(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
  temperature: Maybe(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: Maybe(Type.Number({ minimum: 0, maximum: 1 })),
  stop: Type.Optional(Type.Union([Words, Type.Array(Words, { maxItems: 16 }), Type.Null()])),
  seed: Maybe(Type.Integer()),
  tools: Maybe(Type.Array(Tool, { maxItems: 256 })),
  tool_choice: Type.Optional(Type.Unknown({ description: "none, auto, required or a function" })),
  parallel_tool_calls: Maybe(Type.Boolean()),
  response_format: Maybe(
    Type.Object({ type: Type.Union(["text", "json_object", "json_schema"].map((type) => Type.Literal(type))) }),
  ),
  presence_penalty: Maybe(Type.Number()),
  frequency_penalty: Maybe(Type.Number()),
  logit_bias: Maybe(Type.Record(Type.String(), Type.Number())),
  reasoning_effort: Maybe(Words),
  logprobs: Maybe(Type.Literal(false)),
});
type ChatCompletion = Static<typeof ChatCompletion>;

/** What is handed on as it is; `top_k`, `min_p` and `repetition_penalty` are known to vLLM, llama.cpp and Ollama. */
const PASSED = [
  ...["temperature", "top_p", "stop", "seed", "tools", "tool_choice", "parallel_tool_calls", "response_format"],
  ...["presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort"],
  ...["top_k", "min_p", "repetition_penalty"],
];
/** What would change the answer, and is not done: better refused than left out in silence. */
const REFUSED = ["functions", "function_call", "top_logprobs", "audio", "web_search_options"];

const CHECK: Checker<typeof ChatCompletion> = compileCheck(ChatCompletion);

/** A request as the models are asked it, and how its answer is wanted. */
export interface ChatRequest {
  model: string;
  request: WireRequest;
  has_pictures: boolean;
  stream: boolean;
  include_usage: boolean;
}

/** Reads a request; what is null counts as absent. @throws {SchemaViolationError} @throws {BadRequestError} with the fact `path` */
export function readChatRequest(body: unknown): ChatRequest {
  CHECK.assert(body, "Cannot answer chat");
  assertKnown(body);
  const { model, messages, stream, stream_options, max_tokens, max_completion_tokens } = body;
  const most = max_completion_tokens ?? max_tokens;
  const given = PASSED.flatMap((name) => {
    const value = (body as Record<string, unknown>)[name];
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
  return {
    model,
    request: {
      ...Object.fromEntries(given),
      ...(most ? { max_tokens: most } : {}),
      messages: messages.map(onWire),
    },
    has_pictures: messages.some(({ content }) => Array.isArray(content) && content.some((part) => part.image_url)),
    stream: stream ?? false,
    include_usage: stream_options?.include_usage ?? false,
  };
}

/**
 * `developer` is what OpenAI calls `system` since 2024; most other servers know the older word only. Fields that are null, as clients send
 * an answer back that they were given, are refused by some; `content` may be.
 */
function onWire(message: ChatCompletion["messages"][number]): WireMessage {
  const given = Object.entries(message).filter(([name, value]) => value !== null || name === "content");
  const role = message.role === "developer" ? "system" : message.role;
  return { ...Object.fromEntries(given), role } as WireMessage;
}

function assertKnown(body: object): void {
  for (const name of REFUSED) {
    const value = (body as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    throw new BadRequestError(`Cannot answer chat as ${name} must be left out: it is not served here`, {
      facts: { path: name },
    });
  }
}
