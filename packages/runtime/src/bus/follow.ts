import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager, ReplayPolicy } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { elapsed } from "../elapsed.ts";
import { BusUnavailableError, NoStreamError, StreamResetError } from "../errors.ts";
import { callBroker } from "./broker-errors.ts";
import type { FollowFrom, FollowOptions, StoredMessage } from "./bus.ts";
import { deliveryFacts, storedMessage } from "./jetstream-message.ts";
import { Puller } from "./puller.ts";

export interface FollowParts {
  connection: NatsConnection;
  manager: JetStreamManager;
  isConnected(): boolean;
  /** Called by the bus when the connection came back. */
  onReconnect(listener: () => void): () => void;
}

const WINDOW = 256;
const EXPIRES_MS = 5_000;
const INACTIVE_MS = 30_000;
const RETRY_MS = 250;

/** Messages of a stream in order, each once: whenever the consumer behind it is lost, a new one begins at last + 1. */
export async function* follow(
  parts: FollowParts,
  stream: string,
  from: FollowFrom,
  { filter, signal }: FollowOptions,
): AsyncGenerator<StoredMessage> {
  const { epoch, last_seq } = await streamFacts(parts.manager, stream);
  let start: FollowFrom = from === "new" ? { seq: last_seq + 1 } : from;
  while (!signal.aborted) {
    const segment: Segment | null = await openSegment(parts, { stream, from: start, filter, signal }).catch(whenAway);
    try {
      if (segment && (await isSameStream(parts.manager, stream, epoch, start)))
        for await (const message of segment.messages()) {
          start = { seq: message.seq + 1 };
          yield message;
        }
      else await elapsed(RETRY_MS, signal);
    } finally {
      await segment?.close();
    }
  }
}

/** A broker that is away is waited for; whatever else went wrong is told. */
function whenAway(error: unknown): null {
  if (error instanceof BusUnavailableError || error instanceof NoStreamError) return null;
  throw error;
}

/** Whether what was just opened reads the stream that was begun with; false when nobody can say now. @throws {StreamResetError} */
async function isSameStream(
  manager: JetStreamManager,
  stream: string,
  epoch: number,
  start: FollowFrom,
): Promise<boolean> {
  const now = await streamFacts(manager, stream).catch(whenAway);
  if (!now || now.epoch === epoch) return now !== null;
  throw new StreamResetError(
    `Cannot go on to follow "${stream}" from ${JSON.stringify(start)} as it was made anew: it ends at ${now.last_seq}`,
  );
}

async function streamFacts(manager: JetStreamManager, stream: string): Promise<{ epoch: number; last_seq: number }> {
  const info = await callBroker(`follow "${stream}"`, () => manager.streams.info(stream));
  return { epoch: Date.parse(info.created), last_seq: info.state.last_seq };
}

interface Segment {
  messages(): AsyncGenerator<StoredMessage>;
  close(): Promise<void>;
}

interface SegmentOptions {
  stream: string;
  from: FollowFrom;
  filter: string | undefined;
  signal: AbortSignal;
}

/** One consumer's life: it ends, without an error, when the consumer is lost or the signal aborts. */
async function openSegment(
  { connection, manager, ...bus }: FollowParts,
  { stream, from, filter, signal }: SegmentOptions,
): Promise<Segment> {
  const { name } = await callBroker(`follow "${stream}"`, () =>
    manager.consumers.add(stream, consumerConfig(from, filter)),
  );
  const waiting: Msg[] = [];
  let lost = false;
  let expected = 1;
  let wake = (): void => {};
  const lose = (): void => {
    lost = true;
    wake();
  };
  const puller = new Puller(connection, {
    stream,
    consumer: name,
    window: WINDOW,
    ask_at: WINDOW / 2,
    expires_ms: EXPIRES_MS,
    isConnected: () => bus.isConnected(),
    onMissing: () => lose(),
    onMessage: (message) => {
      if (deliveryFacts(message).consumer_seq !== expected++) lost = true;
      if (!lost) waiting.push(message);
      wake();
    },
  });
  const off = bus.onReconnect(lose);
  signal.addEventListener("abort", lose, { once: true });
  puller.open();
  return {
    async *messages() {
      while (!signal.aborted) {
        const message = waiting.shift();
        if (message) {
          puller.finish();
          yield storedMessage(message, deliveryFacts(message));
        } else if (lost) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    async close() {
      off();
      signal.removeEventListener("abort", lose);
      puller.dispose();
      if (bus.isConnected()) await manager.consumers.delete(stream, name).catch(() => false);
    },
  };
}

function consumerConfig(from: FollowFrom, filter: string | undefined): Partial<ConsumerConfig> {
  return {
    ack_policy: AckPolicy.None,
    replay_policy: ReplayPolicy.Instant,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: INACTIVE_MS * 1_000_000,
    ...(filter === undefined ? {} : { filter_subject: filter }),
    ...startOf(from),
  };
}

function startOf(from: FollowFrom): Partial<ConsumerConfig> {
  if (from === "new") return { deliver_policy: DeliverPolicy.New };
  if (from === "all") return { deliver_policy: DeliverPolicy.All };
  if ("seq" in from) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, from.seq) };
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from.time_ms).toISOString() };
}
