import { BudgetSpentError } from "../errors.ts";
import type { Priced } from "../spending/budgets.ts";
import type { Bill, Purse } from "../spending/purse.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { LlmRequest, LlmUsage } from "./llm.ts";
import type { LlmClient, LlmOptions } from "./llm-client.ts";

/** Characters of a token, where nobody counted: few, so that too much is expected rather than too little. */
const CHARACTERS_OF_TOKEN = 3;
/** Tokens of a picture: about as many as OpenAI counts for 1,024 x 1,024 in full detail, and Qwen2-VL for a megapixel. */
const TOKENS_OF_IMAGE = 1_000;
/** Tokens of an answer that has no `max_tokens`; where a budget applies it is asked to have no more. */
const USUAL_ANSWER = 1_024;

/** A language model whose answers are paid for: refused before anything is sent when a budget has no room. */
export class PaidLlm implements LlmClient {
  readonly #client: LlmClient;
  readonly #price: Priced;
  readonly #purse: Purse;

  constructor(client: LlmClient, price: Priced, purse: Purse) {
    this.#client = client;
    this.#price = price;
    this.#purse = purse;
  }

  get fault() {
    return this.#client.fault;
  }

  continues(request: LlmRequest): boolean {
    return this.#client.continues(request);
  }

  /** @throws {BudgetSpentError} */
  async open(request: LlmRequest, { user_id, ...options }: LlmOptions): Promise<ChatAnswer> {
    const expected = expectedOf(request);
    const bill = await this.#pay(expected, user_id);
    const limited = { ...request, max_tokens: expected.completion_tokens };
    const answer = await this.#client
      .open(bill.is_limited ? limited : request, options)
      .catch(async (error: unknown) => {
        await bill.settle(null);
        throw error;
      });
    answer.whenOver(() => bill.settle(usedBy(answer, expected)));
    return answer;
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#client.probe(signal);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #pay(expected: LlmUsage, user_id: string | undefined): Promise<Bill> {
    const paid = await this.#purse.pay({ expected, user_id }, this.#price);
    if ("settle" in paid) return paid;
    const { account, retry_after_ms } = paid;
    const { kind, id } = account;
    const tokens = expected.prompt_tokens + expected.completion_tokens;
    const reason = `the day's budget of ${kind} "${id}" must have room for up to ${tokens} tokens: it is spent`;
    throw this.fault(BudgetSpentError, reason, { retry_after_ms, facts: { kind, id, tokens } });
  }
}

function expectedOf({ messages, said = "", max_tokens = USUAL_ANSWER, json_schema }: LlmRequest): LlmUsage {
  const schema = json_schema ? JSON.stringify(json_schema).length : 0;
  const characters = messages.reduce((sum, { content }) => sum + content.length, said.length + schema);
  const pictures = messages.reduce((sum, { images = [] }) => sum + images.length, 0);
  const prompt_tokens = Math.ceil(characters / CHARACTERS_OF_TOKEN) + pictures * TOKENS_OF_IMAGE;
  return { prompt_tokens, completion_tokens: max_tokens };
}

/** What the server counted; else the prompt as expected, and each piece of the answer as a token. */
function usedBy({ end, texts_given }: ChatAnswer, { prompt_tokens }: LlmUsage): LlmUsage {
  return end.usage ?? { prompt_tokens, completion_tokens: texts_given };
}
