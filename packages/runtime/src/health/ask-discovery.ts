import { createInbox, type NatsConnection } from "@nats-io/nats-core";
import { elapsed } from "../elapsed.ts";
import type { InstanceReadiness, ReadinessReason, ReadinessStatus } from "./readiness.ts";

const WITHIN_MS = 1_000;
/** How long replicas have to answer after the first of each expected service did. */
const REPLICAS_MS = 50;
const MOST = 1_000;
const STATUSES: readonly unknown[] = ["ready", "degraded", "not_ready"] satisfies ReadinessStatus[];

/**
 * Asks the services of all processes how they are: each instance that answers within 1 s. Ends 50 ms after all that are
 * expected have answered. What other services on the same broker answer is left out.
 */
export async function askDiscovery(
  connection: NatsConnection,
  expected: readonly string[],
): Promise<InstanceReadiness[]> {
  const found: InstanceReadiness[] = [];
  const missing = new Set(expected);
  const complete = new AbortController();
  const subscription = connection.subscribe(createInbox(), {
    callback: (error, { data }) => {
      const one = error ? null : readInstance(data);
      if (!one || found.length >= MOST) return;
      found.push(one);
      missing.delete(one.service);
      if (missing.size === 0) complete.abort();
    },
  });
  connection.publish("$SRV.INFO", undefined, { reply: subscription.getSubject() });
  await elapsed(WITHIN_MS, complete.signal);
  if (complete.signal.aborted) await elapsed(REPLICAS_MS, new AbortController().signal);
  subscription.unsubscribe();
  return found.toSorted((a, b) => a.service.localeCompare(b.service) || a.instance.localeCompare(b.instance));
}

/** One instance of a service of ours; null when it is none. */
function readInstance(body: Uint8Array): InstanceReadiness | null {
  try {
    const { name, id, metadata } = JSON.parse(new TextDecoder().decode(body));
    const { status, reasons } = metadata;
    if (typeof name !== "string" || typeof id !== "string" || !STATUSES.includes(status)) return null;
    const told: unknown = JSON.parse(reasons);
    if (!Array.isArray(told)) return null;
    return { service: name, instance: id, status, reasons: told.map(readReason) };
  } catch {
    return null;
  }
}

const readReason = ({ code, message, since_ms }: ReadinessReason): ReadinessReason => ({
  code: String(code),
  message: String(message),
  since_ms: Number(since_ms),
});
