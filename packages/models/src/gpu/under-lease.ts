import type { CallOptions } from "../calling/call-options.ts";
import { ModelConfigError } from "../errors.ts";
import type { Gpu } from "./gpu.ts";
import type { ModelLease } from "./model-lease.ts";

/** Who has the leases of the cards; null: no card is planned. */
export type Leases = Pick<Gpu, "lease"> | null;

const LEASE = Symbol("lease");

/** The lease of the model that an entry of this dependency's list names. @throws {ModelConfigError} when it names one and there are no cards, or none has it */
export function leaseFor({ gpu }: { gpu?: string | undefined }, dependency: string, leases: Leases): ModelLease | null {
  if (gpu === undefined) return null;
  if (leases) return leases.lease(gpu, dependency);
  throw new ModelConfigError(`Cannot use model "${gpu}" of a card as its leases must be handed in: there are none`);
}

/** The same client, whose calls run under this lease wherever it is asked with `answerUnderLease` or `streamUnderLease`. */
export function withLease<C extends object>(client: C, lease: ModelLease | null): C {
  return lease ? Object.assign(client, { [LEASE]: lease }) : client;
}

export const leaseOf = (client: unknown): ModelLease | undefined =>
  (client as { [LEASE]?: ModelLease } | undefined)?.[LEASE];

/** Asks a client, under its lease where it has one. */
export function answerUnderLease<C, T>(
  client: C,
  options: CallOptions,
  ask: (client: C, options: CallOptions) => Promise<T>,
): Promise<T> {
  const lease = leaseOf(client);
  return lease ? lease.use(options, (signal) => ask(client, { ...options, signal })) : ask(client, options);
}

/** The same for an answer in parts. */
export function streamUnderLease<C, T, R>(
  client: C,
  options: CallOptions,
  ask: (client: C, options: CallOptions) => AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  const lease = leaseOf(client);
  return lease ? lease.stream(options, (signal) => ask(client, { ...options, signal })) : ask(client, options);
}
