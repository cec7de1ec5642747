import { describeError, GatehouseError } from "@gatehouse/errors";
import { JetStreamApiError } from "@nats-io/jetstream";
import { BusUnavailableError, NoStreamError, StreamFullError } from "../errors.ts";

const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;
const MESSAGE_NOT_FOUND = 10_037;

export const isMissingStream = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
export const isMissingConsumer = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND;
export const isMissingMessage = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === MESSAGE_NOT_FOUND;

/** Runs a call to the broker; whatever goes wrong with the broker becomes an error that says that trying again helps. */
export async function callBroker<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw brokerError(action, error);
  }
}

function brokerError(action: string, error: unknown): Error {
  if (error instanceof GatehouseError) return error;
  const words = `Cannot ${action}: ${describeError(error).message}`;
  if (isMissingStream(error)) return new NoStreamError(words, { cause: error });
  if (error instanceof JetStreamApiError && error.code === 10_077) return new StreamFullError(words, { cause: error });
  return new BusUnavailableError(words, { cause: error });
}
