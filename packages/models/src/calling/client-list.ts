import { ModelConfigError } from "../errors.ts";
import { firstAnswer } from "./ranked.ts";

/** What every client of a model has. */
export interface ModelClient {
  /** Resolves when it can be called. */
  probe(signal: AbortSignal): Promise<void>;
  /** Closes all connections; calls in flight fail. */
  close(): Promise<void>;
}

/** The clients of a ranked list, as one: well when one of them is. */
export interface ClientList<C> extends ModelClient {
  clients: readonly C[];
}

/** Makes the clients of a ranked list. @param what `an embedder` @throws {ModelConfigError} when it is empty, and what `make` throws */
export function clientList<E, C extends ModelClient>(
  entries: readonly E[],
  what: string,
  make: (entry: E) => C,
): ClientList<C> {
  if (entries.length === 0)
    throw new ModelConfigError(`Cannot make ${what} as its list must have an entry: it is empty`);
  const clients = entries.map(make);
  return {
    clients,
    probe: (signal) => firstAnswer(clients, { signal }, (client) => client.probe(signal)),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
