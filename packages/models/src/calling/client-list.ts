import { ModelConfigError } from "../errors.ts";
import { type Leases, leaseFor, leaseOf, withLease } from "../gpu/under-lease.ts";
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

/**
 * Makes the clients of a ranked list; an entry that names a model of a card is asked under its lease.
 * @param dependency `image_embedder`: whose servers are down when none can be used
 * @throws {ModelConfigError} when it is empty, or there is no such lease, and what `make` throws
 */
export function clientList<E extends object, C extends ModelClient>(
  entries: readonly E[],
  dependency: string,
  make: (entry: E) => C,
  { gpu = null }: { gpu?: Leases } = {},
): ClientList<C> {
  if (entries.length === 0)
    throw new ModelConfigError(`Cannot use models.${dependency} as its list must have an entry: it is empty`);
  const clients = entries.map((entry) => withLease(make(entry), leaseFor(entry, dependency, gpu)));
  const probes = clients.map((client) => (signal: AbortSignal) => {
    const probe = () => client.probe(signal);
    return leaseOf(client)?.probe(probe) ?? probe();
  });
  return {
    clients,
    probe: (signal) => firstAnswer(probes, { signal }, (probe) => probe(signal)),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
