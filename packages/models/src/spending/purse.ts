import type { LlmUsage } from "../llm/llm.ts";
import type { Budget, Budgets, Priced } from "./budgets.ts";
import type { Account, SpendingStore, Spent } from "./spending-store.ts";

const DAY_MS = 86_400_000;

/** Whose calls are counted, what they may spend, and where that is kept. */
export interface Spending {
  service: string;
  budgets?: Budgets;
  store: SpendingStore;
}

/** One call, paid for in advance. */
export interface Bill {
  /** Whether a budget holds the call to what was expected of it. */
  is_limited: boolean;
  /** Whether somebody's budget waits for what is put right. */
  is_awaited: boolean;
  /** Puts what was used in the place of what was expected; without anything the call was not answered. Never fails. */
  settle(used: LlmUsage | null): Promise<void>;
}

/** A budget that has no room for a call. */
export interface Empty {
  account: Account;
  /** Until the day is over. */
  retry_after_ms: number;
}

/** Pays for calls: where a budget applies, what a call will use at most is taken before anything is asked. */
export class Purse {
  readonly #spending: Spending;
  readonly #settling = new Set<Promise<void>>();

  constructor(spending: Spending) {
    this.#spending = spending;
  }

  /** @returns a bill, or the budget that has no room. @throws what the store throws */
  async pay(
    { expected, user_id }: { expected: LlmUsage; user_id: string | undefined },
    price: Priced,
  ): Promise<Bill | Empty> {
    const { service, budgets = {}, store } = this.#spending;
    const accounts = [accountOf("service", service, budgets.service)];
    if (user_id !== undefined) accounts.push(accountOf("user", user_id, budgets.user));
    const at_ms = Date.now();
    const isLimited = accounts.some((account) => account.most_tokens !== null || account.most_cost_micros !== null);
    const paid = isLimited ? spentOn(expected, price) : NOTHING;
    const account = isLimited ? await store.add(accounts, paid, at_ms) : null;
    if (account) return { account, retry_after_ms: DAY_MS - (at_ms % DAY_MS) };
    const unlimited = accounts.map(({ kind, id }) => accountOf(kind, id));
    return {
      is_limited: accounts.some((one) => one.most_tokens !== null || (one.most_cost_micros !== null && price.cost)),
      is_awaited: isLimited,
      settle: (used) => {
        const rest = less(used ? spentOn(used, price) : NOTHING, paid);
        if (Object.values(rest).every((value) => value === 0)) return Promise.resolve();
        return this.#settle(store.add(unlimited, rest, at_ms));
      },
    };
  }

  /** Resolves when every bill that is settled now is. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  #settle(added: Promise<unknown>): Promise<void> {
    const settling = added
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.#settling.delete(settling));
    this.#settling.add(settling);
    return settling;
  }
}

const NOTHING: Spent = {
  calls: 0,
  local_calls: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  local_tokens: 0,
  cost_micros: 0,
};

function accountOf(kind: Account["kind"], id: string, { tokens_per_day, cost_per_day }: Budget = {}): Account {
  const most_cost_micros = cost_per_day === undefined ? null : Math.round(cost_per_day * 1e6);
  return { kind, id, most_tokens: tokens_per_day ?? null, most_cost_micros };
}

/** A price per million tokens is the price of one in millionths. */
function spentOn({ prompt_tokens, completion_tokens }: LlmUsage, { cost, local = cost === undefined }: Priced): Spent {
  return {
    calls: 1,
    local_calls: local ? 1 : 0,
    prompt_tokens,
    completion_tokens,
    local_tokens: local ? prompt_tokens + completion_tokens : 0,
    cost_micros: cost
      ? Math.ceil(prompt_tokens * cost.prompt_per_million + completion_tokens * cost.completion_per_million)
      : 0,
  };
}

const less = (from: Spent, taken: Spent): Spent =>
  Object.fromEntries(
    Object.entries(from).map(([name, value]) => [name, value - taken[name as keyof Spent]]),
  ) as unknown as Spent;
