import type { LlmEnd, PassedPart, ReasoningDelta, ToolCallDelta } from "@gatehouse/models";
import { finishOf, type Heading, usageOf } from "./heading.ts";

interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** What was told of an answer so far. */
interface Said {
  text: string;
  calls: ToolCall[];
  reasoning: ReasoningDelta;
}

const nothing = (): Said => ({ text: "", calls: [], reasoning: {} });

/** Reads an answer to its end and gives it as one `chat.completion`; what was told before it began anew is dropped. */
export async function wholeAnswer(
  lists: AsyncGenerator<PassedPart[], LlmEnd, void>,
  heading: Heading,
): Promise<object> {
  let said = nothing();
  for (;;) {
    const next = await lists.next();
    if (next.done) return completion(heading, said, next.value);
    for (const part of next.value)
      if ("text" in part) said.text += part.text;
      else if ("tool_calls" in part) for (const delta of part.tool_calls) addTo(said.calls, delta);
      else if ("reasoning" in part) addThought(said.reasoning, part.reasoning);
      else if (part.handover.mode === "restarted") said = nothing();
  }
}

function addThought(reasoning: ReasoningDelta, delta: ReasoningDelta): void {
  for (const name of ["reasoning_content", "reasoning"] as const)
    if (delta[name] !== undefined) reasoning[name] = (reasoning[name] ?? "") + delta[name];
}

function addTo(calls: ToolCall[], { index, id, type: _, function: called, ...more }: ToolCallDelta): void {
  calls[index] ??= { id: "", type: "function", function: { name: "", arguments: "" } };
  const call = Object.assign(calls[index], more);
  call.id ||= id ?? "";
  call.function.name += called?.name ?? "";
  call.function.arguments += called?.arguments ?? "";
}

function completion(
  { id, created }: Heading,
  { text, calls, reasoning }: Said,
  { model, usage, finish_reason }: LlmEnd,
): object {
  const has_calls = calls.length > 0;
  const words = has_calls ? { content: text || null, tool_calls: calls } : { content: text };
  const message = { role: "assistant", ...words, ...reasoning, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(finish_reason, has_calls) }];
  const counted = usageOf(usage);
  return {
    ...{ id, object: "chat.completion", created, model: model.name, choices },
    ...(counted ? { usage: counted } : {}),
  };
}
