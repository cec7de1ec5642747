import type { LlmMessage, LlmRequest } from "./llm.ts";

/** A part of a message in OpenAI's own form: words or a picture. */
export interface WirePart {
  type: string;
  text?: string;
  image_url?: { url: string };
}

/** A turn of a conversation in OpenAI's own form; all of its fields are sent. */
export interface WireMessage {
  role: string;
  content?: string | readonly WirePart[] | null;
  /** What the assistant called. */
  tool_calls?: readonly object[];
  /** Of `tool`: to which call it is the answer. */
  tool_call_id?: string;
  name?: string;
}

/**
 * A request in OpenAI's own form, without what a client fills in (`model`, `stream`, `stream_options`). Other fields
 * (`stop`, `seed`, `top_p`, …) are sent as they are.
 */
export interface WireRequest {
  messages: readonly WireMessage[];
  temperature?: number;
  /** The most tokens of the answer. */
  max_tokens?: number;
  /** The form that the answer must have. */
  response_format?: { type: string; [more: string]: unknown };
  tools?: readonly object[];
  readonly [field: string]: unknown;
}

/**
 * A piece of a call of a tool; those of one `index` belong together, their `arguments` make one text of JSON. Other fields are passed on
 * as they are.
 */
export interface ToolCallDelta {
  index: number;
  id?: string | null;
  type?: string | null;
  function?: { name?: string | null; arguments?: string | null } | null;
  readonly [field: string]: unknown;
}

/** More of what a model thinks before it speaks, under the name that its server has for it; some send both. */
export interface ReasoningDelta {
  reasoning_content?: string;
  reasoning?: string;
}

/** A request in words as it goes over the wire. */
export function wireRequest({ messages, json_schema, temperature, max_tokens }: Omit<LlmRequest, "said">): WireRequest {
  return {
    messages: messages.map(wireMessage),
    ...(temperature === undefined ? {} : { temperature }),
    ...(max_tokens === undefined ? {} : { max_tokens }),
    ...(json_schema === undefined ? {} : { response_format: { type: "json_schema", json_schema } }),
  };
}

/** Words and pictures are parts of one message, pictures inside it (https://platform.openai.com/docs/guides/images-vision). */
function wireMessage({ role, content, images = [] }: LlmMessage): WireMessage {
  if (images.length === 0) return { role, content };
  const pictures = images.map(({ bytes, media_type }) => ({
    type: "image_url",
    image_url: { url: `data:${media_type};base64,${Buffer.from(bytes).toString("base64")}` },
  }));
  return { role, content: [{ type: "text", text: content }, ...pictures] };
}
