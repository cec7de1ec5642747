import { describeError } from "@gatehouse/errors";
import { type Log, renewUntilLost } from "@gatehouse/runtime";
import { acquireLease, type Lease, type Queryable, releaseLease, renewLease } from "@gatehouse/store";
import { rest } from "./rest.ts";

export interface SingletonOptions {
  /** Of the lease. */
  name: string;
  /** Unique to this run of this process. */
  holder: string;
  log: Log;
  signal: AbortSignal;
}

/** A holder that dies is followed by another after at most this time. */
const TTL_MS = 15_000;
const ASK_MS = 1_000;

/**
 * Runs the work in one process at a time: here as long as this process holds the lease. The work's signal aborts when
 * the lease is lost, or could not be renewed for as long as it lasts. Resolves when `signal` aborted and the work ended.
 */
export async function runAlone(
  db: Queryable,
  options: SingletonOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { name, holder, signal, log } = options;
  while (!signal.aborted) {
    const asked_ms = performance.now();
    const lease = await acquireLease(db, name, holder, TTL_MS).catch(() => null);
    if (lease) {
      log.info({ lease: name, epoch: lease.epoch }, "lease taken");
      await hold(db, options, { ...lease, asked_ms }, work);
    } else await rest(ASK_MS, signal);
  }
}

async function hold(
  db: Queryable,
  { name, holder, log, signal }: SingletonOptions,
  { epoch, asked_ms }: Lease & { asked_ms: number },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const ours = AbortSignal.any([signal, over.signal]);
  const renew = () => renewLease(db, name, holder, epoch, TTL_MS);
  const renewing = renewUntilLost({ lease_ms: TTL_MS, asked_ms, renew }, ours).then((lost) => {
    if (lost) log.warn({ lease: name, epoch }, "lease lost");
    over.abort();
  });
  try {
    await work(ours);
  } catch (error) {
    const { code, message } = describeError(error);
    log.error({ lease: name, code, reason: message }, "work under a lease broke off");
    await rest(ASK_MS, signal);
  }
  over.abort();
  await renewing;
  await releaseLease(db, name, holder, epoch).catch(() => undefined);
}
