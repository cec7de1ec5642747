import type { BatchObserver } from "../batching/batch-observer.ts";
import type { Leases } from "../gpu/under-lease.ts";

/** How every model server is called. One literal holds all defaults; a test passes smaller ones. */
export interface Calling {
  /** How many calls may wait for a slot of one server; the next one is refused. */
  queue: number;
  /** Attempts of one call, the first included. */
  tries: number;
  /** Upper end of the first wait between two attempts; it doubles from there, and half of it is chance. */
  first_delay_ms: number;
  /** The longest wait between two attempts. A server that asks for more (`Retry-After`) is left to the caller. */
  most_delay_ms: number;
  /** Failed attempts in a row after which a server's circuit opens. */
  breaker_failures: number;
  /** How long an open circuit lets nothing through. */
  breaker_open_ms: number;
  /** The longest time of one answer, however well it flows. */
  whole_answer_ms: number;
  /** The longest answer that is read. */
  answer_bytes: number;
  /** The longest answer of tensors that is read, and the longest question over gRPC. */
  tensor_bytes: number;
  /** How long a probe may take. */
  probe_timeout_ms: number;
  /** Is told of each batch, where items are gathered. */
  batches: BatchObserver | null;
  /** Who has the leases of models that share cards. */
  gpu: Leases;
}

/** The defaults of {@link Calling}. */
export const CALLING: Readonly<Calling> = Object.freeze({
  queue: 4096,
  tries: 3,
  first_delay_ms: 100,
  most_delay_ms: 2_000,
  breaker_failures: 5,
  breaker_open_ms: 30_000,
  whole_answer_ms: 600_000,
  answer_bytes: 16 * 1024 * 1024,
  tensor_bytes: 64 * 1024 * 1024,
  probe_timeout_ms: 5_000,
  batches: null,
  gpu: null,
});
