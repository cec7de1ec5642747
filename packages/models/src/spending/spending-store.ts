/** Who spends: each user and each service has an account for each day (UTC). */
export interface Account {
  kind: "user" | "service";
  id: string;
  /** What the day's sum must not pass; null: nothing is refused. */
  most_tokens: number | null;
  /** In millionths of the currency that prices are in. */
  most_cost_micros: number | null;
}

/** What is added to an account; less than nothing takes back what was estimated too high. */
export interface Spent {
  calls: number;
  /** Calls that a model of our own answered. */
  local_calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  /** Tokens, of both kinds, of models of our own. */
  local_tokens: number;
  cost_micros: number;
}

/** Keeps accounts so that they survive a restart and are one for all processes. The table `model_spending` is one. */
export interface SpendingStore {
  /**
   * Adds to all of the accounts, or to none when one would pass what it must not; `at_ms` (epoch) says of which day.
   * @returns the account that is in the way; null when it was added
   */
  add(accounts: readonly Account[], spent: Spent, at_ms: number): Promise<Account | null>;
}
