import { describeError } from "@gatehouse/errors";
import type { Log } from "@gatehouse/runtime";
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

/** A lease, and until when it surely lasts, by this process's monotonic clock. */
interface Held extends Lease {
  until_ms: number;
}

/** A holder that dies is followed by another after at most this time. */
const TTL_MS = 15_000;
const RENEW_MS = 5_000;
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
      await hold(db, options, { ...lease, until_ms: asked_ms + TTL_MS }, work);
    } else await rest(ASK_MS, signal);
  }
}

async function hold(
  db: Queryable,
  { name, holder, log, signal }: SingletonOptions,
  lease: Held,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const ours = AbortSignal.any([signal, over.signal]);
  const renewing = renewUntilLost(db, { name, holder, lease }, ours).then((lost) => {
    if (lost) log.warn({ lease: name, epoch: lease.epoch }, "lease lost");
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
  await releaseLease(db, name, holder, lease.epoch).catch(() => undefined);
}

/** Renews until the lease is another's or ran out while Postgres was away (true), or the signal aborts (false). */
async function renewUntilLost(
  db: Queryable,
  { name, holder, lease }: { name: string; holder: string; lease: Held },
  signal: AbortSignal,
): Promise<boolean> {
  let { until_ms } = lease;
  let wait_ms = RENEW_MS;
  while (true) {
    await rest(Math.min(wait_ms, until_ms - performance.now()), signal);
    if (signal.aborted) return false;
    const asked_ms = performance.now();
    if (asked_ms >= until_ms) return true;
    const renewal = renewLease(db, name, holder, lease.epoch, TTL_MS).catch(() => null);
    const renewed = await within(until_ms - asked_ms, renewal, signal);
    if (renewed === false) return true;
    if (renewed) until_ms = asked_ms + TTL_MS;
    wait_ms = renewed ? RENEW_MS : ASK_MS;
  }
}

/** What the work gives, or null when it takes longer or the signal aborts. */
async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const done = new AbortController();
  const late = rest(ms, AbortSignal.any([signal, done.signal])).then(() => null);
  const first = await Promise.race([work, late]);
  done.abort();
  return first;
}
