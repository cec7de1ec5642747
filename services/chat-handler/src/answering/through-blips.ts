import { setTimeout as elapsed } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";

const AGAIN_MS = 250;

/** Asks Postgres again while it is away, until the signal aborts: what was said need not be said again for it. @throws the last error */
export async function throughBlips<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  while (true) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.dependency !== "postgres" || signal.aborted) throw error;
    }
    await elapsed(AGAIN_MS, undefined, { signal });
  }
}
