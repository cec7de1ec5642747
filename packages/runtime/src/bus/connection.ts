import { describeError } from "@gatehouse/errors";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { BusUnavailableError } from "../errors.ts";

export interface ConnectionOptions {
  /** `nats://host:port`, several with commas; credentials are never in it. */
  nats_url: string;
  user: string | null;
  password: string | null;
  /** Shown by the broker in its list of connections. */
  name: string;
  /** How long the first connection may take. */
  connect_timeout_ms?: number;
}

/** Connects, and from then on reconnects for ever. @throws {BusUnavailableError} when the broker does not answer in time. */
export async function openConnection({
  nats_url,
  user,
  password,
  name,
  connect_timeout_ms = 10_000,
}: ConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect({
      servers: nats_url.split(","),
      ...credentials(user, password),
      name,
      noAsyncTraces: true,
      maxReconnectAttempts: -1,
      // Credentials may be right again after the next restart of the broker.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      pingInterval: 5_000,
      maxPingOut: 2,
      timeout: connect_timeout_ms,
    });
  } catch (error) {
    throw new BusUnavailableError(`Cannot connect to the broker at ${nats_url}: ${describeError(error).message}`, {
      cause: error,
    });
  }
}

/** A user without a password is a token, as in a URL of the broker. */
function credentials(user: string | null, password: string | null): object {
  if (user === null) return {};
  return password === null ? { token: user } : { user, pass: password };
}
