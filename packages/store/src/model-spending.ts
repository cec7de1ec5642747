import { gather } from "./gather.ts";
import type { Database, Queryable } from "./queryable.ts";

const DAY_MS = 86_400_000;

/** Who spends, and what a day's sum must not pass; null: nothing is refused. Costs are millionths of a currency. */
export interface SpendingAccount {
  kind: "user" | "service";
  id: string;
  most_tokens: number | null;
  most_cost_micros: number | null;
}

/** What is added to an account, or, below zero, taken back. `local_*` is what models of our own did. */
export interface SpentAmount {
  calls: number;
  local_calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  local_tokens: number;
  cost_micros: number;
}

/** A day (UTC) of an account. */
export interface SpendingRow extends SpentAmount {
  kind: "user" | "service";
  id: string;
  /** Its beginning, epoch ms. */
  day_ms: number;
}

/** Keeps what language models cost. Written by every service that asks them. */
export function createSpendingStore(db: Database) {
  // One at a time: everybody adds to the same rows. What comes meanwhile is summed up.
  const count = gather({ name: "spending", flights: 1, write: (items: readonly Adding[]) => addSums(db, items) });
  return {
    /** Adds to all accounts, or to none: then the account that would pass its most is given back. */
    async add(
      accounts: readonly SpendingAccount[],
      spent: SpentAmount,
      at_ms: number,
    ): Promise<SpendingAccount | null> {
      const adding = { accounts, spent, at_ms };
      const is_limited = accounts.some(
        ({ most_tokens, most_cost_micros }) => (most_tokens ?? most_cost_micros) !== null,
      );
      if (!is_limited) return count(adding);
      try {
        await db.transaction((tx) => addToAll(tx, adding));
        return null;
      } catch (thrown) {
        if (thrown instanceof Passed) return thrown.account;
        throw thrown;
      }
    },
  };
}

/** Rolls back what was added to other accounts. */
class Passed extends Error {
  readonly account: SpendingAccount;
  constructor(account: SpendingAccount) {
    super(`The most of ${account.kind} "${account.id}" would be passed`);
    this.account = account;
  }
}

interface Adding {
  accounts: readonly SpendingAccount[];
  spent: SpentAmount;
  at_ms: number;
}

/** In one order for everybody, so that no two wait for each other. */
async function addToAll(tx: Queryable, { accounts, spent, at_ms }: Adding): Promise<void> {
  const ordered = accounts.toSorted((a, b) => (a.kind + a.id < b.kind + b.id ? -1 : 1));
  const amounts = AMOUNTS.map((name) => spent[name]);
  for (const account of ordered) {
    const { kind, id, most_tokens, most_cost_micros } = account;
    const day_ms = dayOf(at_ms);
    const added = await tx.query(ADD, [kind, id, day_ms, ...amounts, most_tokens, most_cost_micros]);
    if (added.length === 0) throw new Passed(account);
  }
}

const dayOf = (at_ms: number): number => at_ms - (at_ms % DAY_MS);

const AMOUNTS = [
  "calls",
  "local_calls",
  "prompt_tokens",
  "completion_tokens",
  "local_tokens",
  "cost_micros",
] as const satisfies (keyof SpentAmount)[];

/** Adds what many spent, as one sum for each account and day. */
async function addSums(db: Queryable, items: readonly Adding[]): Promise<null[]> {
  const sums = new Map<string, SpendingRow>();
  for (const { accounts, spent, at_ms } of items)
    for (const { kind, id } of accounts) {
      const day_ms = dayOf(at_ms);
      const key = `${kind} ${day_ms} ${id}`;
      const sum = sums.get(key);
      if (!sum) sums.set(key, { ...spent, kind, id, day_ms });
      else for (const name of AMOUNTS) sum[name] += spent[name];
    }
  const rows = [...sums.values()];
  const columns = (["kind", "id", "day_ms", ...AMOUNTS] as const).map((name) => rows.map((row) => row[name]));
  await db.query(ADD_MANY, columns);
  return items.map(() => null);
}

const ON_CONFLICT = `
  on conflict (kind, id, day_ms) do update set
    calls = m.calls + excluded.calls,
    local_calls = m.local_calls + excluded.local_calls,
    prompt_tokens = m.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = m.completion_tokens + excluded.completion_tokens,
    local_tokens = m.local_tokens + excluded.local_tokens,
    cost_micros = m.cost_micros + excluded.cost_micros`;

/** In the same order as `addToAll`: kind and id as one text. */
const ADD_MANY = `
  insert into model_spending as m
    (kind, id, day_ms, calls, local_calls, prompt_tokens, completion_tokens, local_tokens, cost_micros)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[]) as t (kind, id, day_ms, c, lc, p, co, l, cost)
  order by (kind || id) collate "C", day_ms
  ${ON_CONFLICT}`;

const ADD = `
  insert into model_spending as m
    (kind, id, day_ms, calls, local_calls, prompt_tokens, completion_tokens, local_tokens, cost_micros)
  select $1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint
  where ($10::bigint is null or $6::bigint + $7::bigint <= $10) and ($11::bigint is null or $9::bigint <= $11)
  ${ON_CONFLICT}
  where ($10::bigint is null or m.prompt_tokens + m.completion_tokens + $6::bigint + $7::bigint <= $10)
    and ($11::bigint is null or m.cost_micros + $9::bigint <= $11)
  returning 1`;

/** Days of accounts from a time on, newest first, 1,000 at most. The local share of tokens is `local_tokens` of both kinds. */
export function listSpending(db: Queryable, { since_ms }: { since_ms: number }): Promise<SpendingRow[]> {
  return db.query<SpendingRow>(
    "select * from model_spending where day_ms >= $1 order by day_ms desc, kind, id limit 1000",
    [dayOf(since_ms)],
  );
}
