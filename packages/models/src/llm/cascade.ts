import type { GatehouseError } from "@gatehouse/errors";
import { isSkipped, noneLeft, skip, turnsOf } from "../calling/ranked.ts";
import { ModelRefusedError } from "../errors.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import { Joint } from "./joint.ts";
import type { Handover, LlmEnd, LlmPart, LlmRequest } from "./llm.ts";
import type { LlmClient, LlmOptions } from "./llm-client.ts";
import { Told } from "./told.ts";

/** One stream from a ranked list: an entry that cannot answer is skipped, one that breaks off is gone on with by the next. */
export async function* cascade(
  clients: readonly LlmClient[],
  request: LlmRequest,
  options: LlmOptions,
): AsyncGenerator<LlmPart, LlmEnd, void> {
  const told = new Told(request.said);
  const skipped: GatehouseError[] = [];
  const turns = turnsOf(clients);
  for (const turn of turns) {
    const asked = { ...options, may_wait: turn.may_wait };
    const begun = await begin(turn.client, { request, told }, asked).catch((error) => {
      if (!(error instanceof ModelRefusedError) || told.text === "") return skip(error, turn, { turns, skipped });
      skipped.push(error); // the one that began has taken the request
    });
    if (!begun) continue;
    const { answer } = begun;
    try {
      return yield* pass(begun, told);
    } catch (error) {
      await answer.close(error);
      options.signal.throwIfAborted();
      if (!isSkipped(error)) throw error;
      told.broke(answer, error.code);
      skipped.push(error);
    } finally {
      await answer.close();
    }
  }
  throw noneLeft(skipped);
}

interface Begun {
  answer: ChatAnswer;
  mode: Handover["mode"];
}

/** Asks one entry: to go on where something was told already, else, or where it refuses that, for the whole answer. */
async function begin(
  client: LlmClient,
  { request: { said: _, ...whole }, told }: { request: LlmRequest; told: Told },
  options: LlmOptions,
): Promise<Begun> {
  const ask = async (request: LlmRequest, mode: Handover["mode"]) => ({
    answer: await client.open(request, options),
    mode,
  });
  if (told.text === "") return ask(whole, "continued");
  if (!client.continues(whole)) return ask(whole, "restarted");
  const left = whole.max_tokens === undefined ? {} : { max_tokens: Math.max(1, whole.max_tokens - told.texts) };
  return ask({ ...whole, ...left, said: told.text }, "continued").catch((error: unknown) => {
    if (error instanceof ModelRefusedError) return ask(whole, "restarted");
    throw error;
  });
}

/** What one answer adds to what was told, behind the mark that another model goes on. */
async function* pass({ answer, mode }: Begun, told: Told): AsyncGenerator<LlmPart, LlmEnd, void> {
  const joint = new Joint(mode === "continued" ? told.text : "");
  for await (const text of answer.texts()) yield* tell(joint.pass(text));
  yield* tell(joint.rest());
  const mark = told.handover(answer.end.model, mode);
  if (mark) yield { handover: mark };
  return told.end(answer);

  function* tell(text: string): Generator<LlmPart, void, void> {
    if (text === "") return;
    const due = told.handover(answer.end.model, mode);
    if (due) yield { handover: due };
    told.add(text);
    yield { text };
  }
}
