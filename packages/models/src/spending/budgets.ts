/** What may be spent in a day (UTC). What is left out has no end. */
export interface Budget {
  /** Tokens of prompts and answers, of all models. */
  tokens_per_day?: number;
  /** In the currency that prices are in. */
  cost_per_day?: number;
}

/** Budgets of each user and of each service. */
export interface Budgets {
  user?: Budget;
  service?: Budget;
}

/** What tokens of a model cost, in a currency of your choice. */
export interface Price {
  prompt_per_million: number;
  completion_per_million: number;
}

/** What an entry of a ranked list says of its price. */
export interface Priced {
  /** Costs nothing unless said. */
  cost?: Price;
  /** Whether it is a model of our own, for the local share; so unless it has a price. */
  local?: boolean;
}
