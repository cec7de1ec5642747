import { BudgetSpentError } from "../errors.ts";
import type { Priced } from "../spending/budgets.ts";
import type { Bill, Purse } from "../spending/purse.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import { expectedUsage } from "./expected-usage.ts";
import type { LlmUsage } from "./llm.ts";
import type { Asked, LlmClient, LlmOptions } from "./llm-client.ts";
import type { WireRequest } from "./wire-request.ts";

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

  get model() {
    return this.#client.model;
  }

  continues(request: WireRequest): boolean {
    return this.#client.continues(request);
  }

  /** @throws {BudgetSpentError} */
  async open(asked: Asked, { user_id, ...options }: LlmOptions): Promise<ChatAnswer> {
    const expected = expectedUsage(asked);
    const bill = await this.#pay(expected, user_id);
    const limited = { ...asked, request: { ...asked.request, max_tokens: expected.completion_tokens } };
    const answer = await this.#client.open(bill.is_limited ? limited : asked, options).catch(async (error: unknown) => {
      await bill.settle(null);
      throw error;
    });
    answer.whenOver(() => {
      const settled = bill.settle(usedBy(answer, expected));
      return bill.is_awaited ? settled : undefined; // what is only counted keeps nobody waiting
    });
    return answer;
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#client.probe(signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#purse.settled()]);
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

/** What the server counted; else the prompt as expected, and each piece of the answer as a token. */
function usedBy({ end, pieces_given }: ChatAnswer, { prompt_tokens }: LlmUsage): LlmUsage {
  return end.usage ?? { prompt_tokens, completion_tokens: pieces_given };
}
