import type { GatehouseError } from "@gatehouse/errors";
import { isSkipped, noneLeft, skip, turnsOf } from "../calling/ranked.ts";
import { ModelRefusedError } from "../errors.ts";
import type { ChatAnswer, Piece } from "./chat-answer.ts";
import { Joint } from "./joint.ts";
import type { Handover, LlmEnd, LlmPart } from "./llm.ts";
import type { Asked, LlmClient, LlmOptions, PassedPart } from "./llm-client.ts";
import { Told } from "./told.ts";

/** What a list is asked, and whether its reader can drop what was told when an answer begins anew. */
export interface AskedOfList extends Asked {
  restarts: boolean;
}

/**
 * One stream from a ranked list: an entry that cannot answer is skipped, one that breaks off is gone on with by the next. Parts that
 * came together are in one list.
 */
export async function* cascade(
  clients: readonly LlmClient[],
  asked: AskedOfList,
  options: LlmOptions,
): AsyncGenerator<PassedPart[], LlmEnd, void> {
  const told = new Told(asked.said);
  const skipped: GatehouseError[] = [];
  const turns = turnsOf(clients);
  for (const turn of turns) {
    if (!mayBegin(turn.client, { asked, told })) continue;
    const calling = { ...options, may_wait: turn.may_wait };
    const begun = await begin(turn.client, { asked, told }, calling).catch((error) => {
      if (!(error instanceof ModelRefusedError) || !told.has_begun) return skip(error, turn, { turns, skipped });
      skipped.push(error); // the one that began has taken the request
    });
    if (!begun) continue;
    const { answer } = begun;
    options.onBegun?.(answer.end);
    try {
      const passing = new Passing(begun, told);
      for await (const pieces of answer.pieces()) {
        const parts = passing.take(pieces);
        if (parts.length > 0) yield parts;
      }
      const rest = passing.rest();
      if (rest.length > 0) yield rest;
      return told.end(answer);
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

interface Beginning {
  asked: AskedOfList;
  told: Told;
}

/** Half a call of a tool is of no use to another model. */
const mayGoOn = (client: LlmClient, { asked, told }: Beginning): boolean =>
  !told.has_calls && client.continues(asked.request);

const mayBegin = (client: LlmClient, beginning: Beginning): boolean =>
  !beginning.told.has_begun || beginning.asked.restarts || mayGoOn(client, beginning);

/** Asks one entry: to go on where something was told already, else, or where it refuses that, for the whole answer. */
async function begin(client: LlmClient, { asked, told }: Beginning, options: LlmOptions): Promise<Begun> {
  const { request, restarts } = asked;
  const ask = async (one: Asked, mode: Handover["mode"]) => ({ answer: await client.open(one, options), mode });
  if (!told.has_begun) return ask({ request }, "continued");
  if (!mayGoOn(client, { asked, told })) return ask({ request }, "restarted");
  const { max_tokens } = request;
  const left = max_tokens === undefined ? {} : { max_tokens: Math.max(1, max_tokens - told.pieces) };
  return ask({ request: { ...request, ...left }, said: told.text }, "continued").catch((error: unknown) => {
    if (error instanceof ModelRefusedError && restarts) return ask({ request }, "restarted");
    throw error;
  });
}

/** What one answer adds to what was told, behind the mark that another model goes on. */
class Passing {
  readonly #begun: Begun;
  readonly #told: Told;
  readonly #joint: Joint;

  constructor(begun: Begun, told: Told) {
    this.#begun = begun;
    this.#told = told;
    this.#joint = new Joint(begun.mode === "continued" ? told.text : "");
  }

  take(pieces: readonly Piece[]): PassedPart[] {
    const parts: PassedPart[] = [];
    for (const piece of pieces)
      if ("text" in piece) this.#tell(this.#joint.pass(piece.text), parts);
      else if ("reasoning" in piece) {
        this.#mark(parts);
        parts.push(piece);
      } else {
        this.#tell(this.#joint.rest(), parts);
        this.#mark(parts);
        this.#told.call();
        parts.push(piece);
      }
    return parts;
  }

  /** What is still to be told once the answer is over. */
  rest(): PassedPart[] {
    const parts: PassedPart[] = [];
    this.#tell(this.#joint.rest(), parts);
    this.#mark(parts);
    return parts;
  }

  #tell(text: string, parts: PassedPart[]): void {
    if (text === "") return;
    this.#mark(parts);
    this.#told.add(text);
    parts.push({ text });
  }

  #mark(parts: PassedPart[]): void {
    const { answer, mode } = this.#begun;
    const handover = this.#told.handover(answer.end.model, mode);
    if (handover) parts.push({ handover });
  }
}

/** The parts of a stream one by one, for readers of words: what was thought is left out, and without tools on offer there are no calls. */
export async function* oneByOne(
  lists: AsyncGenerator<PassedPart[], LlmEnd, void>,
): AsyncGenerator<LlmPart, LlmEnd, void> {
  try {
    for (;;) {
      const next = await lists.next();
      if (next.done) return next.value;
      for (const part of next.value) if ("text" in part || "handover" in part) yield part;
    }
  } finally {
    await lists.return(undefined as never);
  }
}
