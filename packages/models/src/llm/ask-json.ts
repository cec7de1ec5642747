import { compileCheck } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import { ModelAnswerError } from "../errors.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import { firstJsonObject } from "./first-json-object.ts";
import type { LlmJson, LlmRequest } from "./llm.ts";
import type { LlmClient, LlmOptions } from "./llm-client.ts";
import { wireRequest } from "./wire-request.ts";

/** The longest answer in which JSON is looked for, in characters. */
const MOST_JSON_TEXT = 1024 * 1024;

/** Asks one entry for a JSON object. @throws {ModelAnswerError} when there is none, or it does not fit the schema */
export async function askJson<S extends TSchema>(
  client: LlmClient,
  { request, schema }: { request: Omit<LlmRequest, "said">; schema: S },
  options: LlmOptions,
): Promise<LlmJson<Static<S>>> {
  const asked = wireRequest({ json_schema: { name: "answer", schema }, ...request });
  const answer = await client.open({ request: asked }, options);
  const text = await whole(answer);
  const { model, finish_reason } = answer.end;
  const value = text.length > MOST_JSON_TEXT ? undefined : firstJsonObject(text);
  if (value === undefined) {
    const seen = `${text.length} characters without one, finish_reason "${finish_reason ?? "unknown"}"`;
    throw client.fault(ModelAnswerError, `the answer must hold a JSON object: current value is ${seen}`);
  }
  const check = compileCheck(schema);
  if (check.holds(value)) return { value, model, text };
  const [first] = check.violations(value, 1);
  throw client.fault(ModelAnswerError, `the answer's ${first?.path || "JSON"} ${first?.message}`);
}

async function whole(answer: ChatAnswer): Promise<string> {
  let text = "";
  try {
    for await (const pieces of answer.pieces()) for (const piece of pieces) if ("text" in piece) text += piece.text;
  } catch (error) {
    await answer.close(error);
    throw error;
  } finally {
    await answer.close();
  }
  return text;
}
