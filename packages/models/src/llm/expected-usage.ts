import type { LlmUsage } from "./llm.ts";
import type { Asked } from "./llm-client.ts";
import type { WireMessage } from "./wire-request.ts";

/** Characters of a token, where nobody counted: few, so that too much is expected rather than too little. */
const CHARACTERS_OF_TOKEN = 3;
/** Tokens of a picture: about as many as OpenAI counts for 1,024 x 1,024 in full detail, and Qwen2-VL for a megapixel. */
const TOKENS_OF_IMAGE = 1_000;
/** Tokens of an answer that has no `max_tokens`; where a budget applies it is asked to have no more. */
const USUAL_ANSWER = 1_024;

/** The most tokens that a call is expected to take. */
export function expectedUsage({ request, said = "" }: Asked): LlmUsage {
  const { messages, tools, response_format, max_tokens = USUAL_ANSWER } = request;
  const read = messages.map(amountOf);
  const beside = said.length + lengthOf(tools) + lengthOf(response_format);
  const characters = read.reduce((sum, amount) => sum + amount.characters, beside);
  const pictures = read.reduce((sum, amount) => sum + amount.pictures, 0);
  const prompt_tokens = Math.ceil(characters / CHARACTERS_OF_TOKEN) + pictures * TOKENS_OF_IMAGE;
  return { prompt_tokens, completion_tokens: max_tokens };
}

function amountOf({ content, tool_calls }: WireMessage): { characters: number; pictures: number } {
  const parts = Array.isArray(content) ? content : [{ text: content ?? "" }];
  return {
    characters: parts.reduce((sum, { text }) => sum + (text?.length ?? 0), lengthOf(tool_calls)),
    pictures: parts.filter((part) => "image_url" in part).length,
  };
}

const lengthOf = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);
