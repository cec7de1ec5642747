import { BadRequestError } from "../errors.ts";
import type { Form } from "./answer.ts";
import type { Schema } from "./by-schema.ts";
import type { Turn } from "./extract.ts";
import { type OfferedTools, readTools } from "./offered-tools.ts";

/** A checked chat request. */
export interface ChatRequest {
  model: string;
  turns: Turn[];
  /** Pictures that came with a turn, by its index. */
  pictures: { turn: number; bytes: Uint8Array }[];
  form: Form;
  offered: OfferedTools;
  stream: boolean;
  includeUsage: boolean;
  /** Most tokens to answer with. */
  maxTokens: number;
  stops: string[];
}

const roles = ["system", "developer", "user", "assistant", "tool"];

/**
 * Checks an OpenAI chat completion request. Fields that change nothing here (temperature, seed, …) are not looked at.
 * @throws {BadRequestError} with the fact `param` naming the field
 */
export function readChatRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw bad("body", "a JSON object", body);
  const limit = body.max_completion_tokens ?? body.max_tokens ?? 4096;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1)
    throw bad("max_tokens", "a whole number from 1", limit);
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== "boolean")
    throw bad("stream", "a boolean", body.stream);
  if (body.model !== undefined && typeof body.model !== "string") throw bad("model", "a string", body.model);
  return {
    model: body.model ?? "reference-llm",
    ...readTurns(body.messages),
    form: readForm(body.response_format),
    offered: readTools(body),
    stream: body.stream === true,
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
    maxTokens: limit,
    stops: readStops(body.stop),
  };
}

function readTurns(messages: unknown): Pick<ChatRequest, "turns" | "pictures"> {
  if (!Array.isArray(messages) || messages.length === 0)
    throw bad("messages", "a list of at least one message", messages);
  const pictures: ChatRequest["pictures"] = [];
  const turns = messages.map((message: unknown, turn) => {
    const name = `messages[${turn}]`;
    if (!isObject(message)) throw bad(name, "an object", message);
    if (typeof message.role !== "string" || !roles.includes(message.role))
      throw bad(`${name}.role`, roles.join("|"), message.role);
    const { text, seen } = readContent(message.content, `${name}.content`);
    pictures.push(...seen.map((bytes) => ({ turn, bytes })));
    return { role: message.role, text };
  });
  return { turns, pictures };
}

function readContent(content: unknown, name: string): { text: string; seen: Uint8Array[] } {
  if (typeof content === "string") return { text: content, seen: [] };
  if (content === null || content === undefined) return { text: "", seen: [] };
  if (!Array.isArray(content)) throw bad(name, "a string or a list of parts", content);
  const texts: string[] = [];
  const seen: Uint8Array[] = [];
  for (const part of content as unknown[]) {
    if (isObject(part) && part.type === "text" && typeof part.text === "string") texts.push(part.text);
    else if (isObject(part) && part.type === "image_url" && isObject(part.image_url))
      seen.push(readDataUrl(part.image_url.url, name));
    else throw bad(name, "text and image_url parts only", part);
  }
  return { text: texts.join("\n"), seen };
}

function readDataUrl(url: unknown, name: string): Uint8Array {
  const [, base64] = /^data:image\/(?:jpeg|png|webp);base64,([A-Za-z0-9+/]+=*)$/.exec(String(url)) ?? [];
  if (base64 === undefined) throw bad(name, "a data URL of a JPEG, PNG or WebP in base64", url);
  return Buffer.from(base64, "base64");
}

function readForm(format: unknown): Form {
  if (format === undefined || format === null) return { kind: "text" };
  if (!isObject(format)) throw bad("response_format", "an object", format);
  if (format.type === "text") return { kind: "text" };
  if (format.type === "json_object") return { kind: "json", schema: null };
  if (format.type !== "json_schema") throw bad("response_format.type", "text|json_object|json_schema", format.type);
  const schema = isObject(format.json_schema) ? format.json_schema.schema : undefined;
  if (!isObject(schema)) throw bad("response_format.json_schema.schema", "an object", schema);
  return { kind: "json", schema };
}

function readStops(stop: unknown): string[] {
  if (stop === undefined || stop === null) return [];
  const stops: unknown[] = Array.isArray(stop) ? stop : [stop];
  if (stops.length > 16 || !stops.every((one) => typeof one === "string"))
    throw bad("stop", "a string or at most 16 strings", stop);
  return stops as string[];
}

function bad(param: string, wanted: string, seen: unknown): Error {
  const value = (JSON.stringify(seen) ?? "undefined").slice(0, 60);
  return new BadRequestError(`Cannot answer chat as "${param}" must be ${wanted}: current value is ${value}`, {
    facts: { param },
  });
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
