import { type ErrorClass, GatehouseError } from "@gatehouse/errors";

/** Whether the next entry of a ranked list may do what this one could not: it is busy, down, too slow or refuses our key. */
export const isSkipped = (error: unknown): error is GatehouseError =>
  error instanceof GatehouseError && error.retry === "later";

/**
 * Asks the entries of a ranked list in order until one answers.
 * @throws what stopped an entry that was neither busy nor down; else `noneLeft` of all
 */
export async function firstAnswer<C, T>(clients: readonly C[], ask: (client: C) => Promise<T>): Promise<T> {
  const skipped: GatehouseError[] = [];
  for (const client of clients) {
    try {
      return await ask(client);
    } catch (error) {
      if (!isSkipped(error)) throw error;
      skipped.push(error);
    }
  }
  throw noneLeft(skipped);
}

/** Like `firstAnswer`, for streams: the entry that gave the first part gives the rest. */
export async function* firstStream<C, T, R>(
  clients: readonly C[],
  ask: (client: C) => AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  const skipped: GatehouseError[] = [];
  for (const client of clients) {
    const parts = ask(client);
    try {
      const first = await parts.next().catch((error: unknown) => {
        if (!isSkipped(error)) throw error;
        skipped.push(error);
      });
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

/** One error for a list that nobody answered. One about this message alone (busy, too slow) wins: then no server need be waited for. */
export function noneLeft(skipped: readonly GatehouseError[]): GatehouseError {
  const chosen = skipped.find((error) => error.dependency === null) ?? skipped[0];
  if (!chosen) throw new TypeError("Cannot sum up a ranked list without entries");
  if (skipped.length === 1) return chosen;
  const Class = chosen.constructor as ErrorClass;
  const waits = skipped.map((error) => error.retry_after_ms).filter((ms) => ms !== null);
  return new Class(skipped.map(({ message }) => message).join("; "), {
    facts: chosen.facts,
    cause: new AggregateError(skipped),
    ...(waits.length > 0 ? { retry_after_ms: Math.min(...waits) } : {}),
  });
}
