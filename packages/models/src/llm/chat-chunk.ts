import { type Checker, compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { type Fault, shown } from "../calling/faults.ts";
import { serverWords } from "../calling/server-words.ts";
import { ModelAnswerError } from "../errors.ts";

const OrNothing = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
/** More than any model takes or gives: what is above it would spoil the counts of a day. */
const MOST_TOKENS = 10_000_000;
const count = Type.Integer({ minimum: 0, maximum: MOST_TOKENS });
const word = Type.String({ maxLength: 256 });

/** More calls than any answer holds. */
const MOST_CALLS = 256;
const ToolCall = Type.Object({
  index: OrNothing(Type.Integer({ minimum: 0, maximum: MOST_CALLS })),
  id: OrNothing(word),
  type: OrNothing(word),
  function: OrNothing(Type.Object({ name: OrNothing(word), arguments: OrNothing(Type.String()) })),
});

/** One event of a streamed chat completion; other fields are ignored. */
const ChatChunk = Type.Object({
  model: OrNothing(word),
  system_fingerprint: OrNothing(word),
  backend: OrNothing(word),
  choices: Type.Array(
    Type.Object({
      delta: OrNothing(
        Type.Object({
          content: OrNothing(Type.String()),
          reasoning_content: Type.Optional(Type.Unknown()),
          reasoning: Type.Optional(Type.Unknown()),
          tool_calls: OrNothing(Type.Array(ToolCall, { maxItems: MOST_CALLS })),
        }),
      ),
      finish_reason: OrNothing(word),
    }),
  ),
  usage: OrNothing(Type.Object({ prompt_tokens: count, completion_tokens: count })),
});
export type ChatChunk = Static<typeof ChatChunk>;

export type ChatChunkCheck = Checker<typeof ChatChunk>;

/** Compiles the check of a chunk; once per client. */
export const compileChatChunkCheck = (): ChatChunkCheck => compileCheck(ChatChunk);

/** Reads one event. @throws {ModelAnswerError} when it is no JSON, no chunk, or an error under a 200 */
export function readChatChunk(data: string, { check, fault }: { check: ChatChunkCheck; fault: Fault }): ChatChunk {
  const chunk = parse(data, fault);
  if (typeof chunk === "object" && chunk !== null && "error" in chunk && chunk.error)
    throw fault(ModelAnswerError, `the answer must be words: it is the error "${serverWords(data)}"`);
  if (check.holds(chunk)) return chunk;
  const [first] = check.violations(chunk, 1);
  throw fault(
    ModelAnswerError,
    `an event of the answer must be a chunk, its ${first?.path || "body"} ${first?.message}`,
  );
}

function parse(data: string, fault: Fault): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw fault(ModelAnswerError, `an event of the answer must be JSON: current value is ${shown(data)}`, { cause });
  }
}
