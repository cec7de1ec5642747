import { type ErrorClass, GatehouseError } from "@gatehouse/errors";
import { BudgetSpentError, ModelBusyError } from "../errors.ts";
import { answerUnderLease, streamUnderLease } from "../gpu/under-lease.ts";
import type { CallOptions } from "./call-options.ts";

/** Whether the next entry of a ranked list may do what this one could not: it is busy, down, too slow, refuses our key or answers nonsense. */
export const isSkipped = (error: unknown): error is GatehouseError =>
  error instanceof GatehouseError && error.retry !== "never";

/** An entry whose own slots are all taken: the server is well, and waiting for a slot would help. */
const isOccupied = (error: GatehouseError): boolean => error instanceof ModelBusyError && "in_flight" in error.facts;

/** An entry whose turn it is. */
export interface Turn<C> {
  client: C;
  may_wait: boolean;
}

/** Everybody once without waiting for a slot; a list of one has nobody else to ask. Those without a slot are added at the end, to wait. */
export const turnsOf = <C>(clients: readonly C[]): Turn<C>[] =>
  clients.map((client) => ({ client, may_wait: clients.length === 1 }));

/** Takes note of an entry that did not answer. @throws what no other entry could do better */
export function skip<C>(
  error: unknown,
  { client, may_wait }: Turn<C>,
  to: { turns: Turn<C>[]; skipped: GatehouseError[] },
) {
  if (!isSkipped(error)) throw error;
  if (!may_wait && isOccupied(error)) to.turns.push({ client, may_wait: true });
  else to.skipped.push(error);
}

/**
 * Asks the entries of a ranked list in order until one answers; `ask` passes the options on.
 * @throws what stopped an entry that was neither busy nor down; else `noneLeft` of all
 */
export async function firstAnswer<C, T>(
  clients: readonly C[],
  options: CallOptions,
  ask: (client: C, options: CallOptions) => Promise<T>,
): Promise<T> {
  const skipped: GatehouseError[] = [];
  const turns = turnsOf(clients);
  for (const turn of turns) {
    try {
      return await answerUnderLease(turn.client, { ...options, may_wait: turn.may_wait }, ask);
    } catch (error) {
      skip(error, turn, { turns, skipped });
    }
  }
  throw noneLeft(skipped);
}

/** Like `firstAnswer`, for streams: the entry that gave the first part gives the rest. */
export async function* firstStream<C, T, R>(
  clients: readonly C[],
  options: CallOptions,
  ask: (client: C, options: CallOptions) => AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  const skipped: GatehouseError[] = [];
  const turns = turnsOf(clients);
  for (const turn of turns) {
    const parts = streamUnderLease(turn.client, { ...options, may_wait: turn.may_wait }, ask);
    try {
      const first = await parts.next().catch((error: unknown) => skip(error, turn, { turns, skipped }));
      if (!first) continue;
      if (first.done) return first.value;
      yield first.value;
      return yield* parts;
    } finally {
      await parts.return(undefined as never);
    }
  }
  throw noneLeft(skipped);
}

/**
 * One error for a list that nobody answered. One about this message alone (busy, too slow) wins: then no server need be waited
 * for. A spent budget tells less, as another entry may be back before the day is over; an answer that is nonsense least.
 */
export function noneLeft(skipped: readonly GatehouseError[]): GatehouseError {
  const [chosen] = skipped.toSorted((one, other) => rankOf(one) - rankOf(other));
  if (!chosen) throw new TypeError("Cannot sum up a ranked list without entries");
  if (skipped.length === 1) return chosen;
  const Class = chosen.constructor as ErrorClass;
  const waits = skipped
    .filter((error) => rankOf(error) <= rankOf(chosen))
    .map((error) => error.retry_after_ms)
    .filter((ms) => ms !== null);
  return new Class(skipped.map(({ message }) => message).join("; "), {
    facts: chosen.facts,
    dependency: chosen.dependency,
    cause: new AggregateError(skipped),
    ...(waits.length > 0 ? { retry_after_ms: Math.min(...waits) } : {}),
  });
}

function rankOf(error: GatehouseError): number {
  if (error.retry !== "later") return 3;
  if (error.code === BudgetSpentError.code) return 2;
  return error.dependency === null ? 0 : 1;
}
