import type { JetStreamManager, MsgRequest } from "@nats-io/jetstream";
import { callBroker, isMissingMessage } from "./broker-errors.ts";
import type { ConsumerState, StoredMessage, StreamState } from "./bus.ts";

type StreamInfo = Awaited<ReturnType<JetStreamManager["streams"]["info"]>>;

export async function streamStates(manager: JetStreamManager): Promise<StreamState[]> {
  return callBroker("list the streams", async () => {
    const states: StreamState[] = [];
    for await (const info of manager.streams.list()) states.push(stateOf(info));
    return states;
  });
}

export async function streamState(manager: JetStreamManager, name: string): Promise<StreamState> {
  return stateOf(await callBroker(`look at stream "${name}"`, () => manager.streams.info(name)));
}

export async function consumerStates(manager: JetStreamManager, stream: string): Promise<ConsumerState[]> {
  return callBroker(`list the consumers of "${stream}"`, async () => {
    const states: ConsumerState[] = [];
    for await (const info of manager.consumers.list(stream)) {
      if (!info.config.durable_name) continue;
      states.push({
        stream,
        durable: info.config.durable_name,
        ack_pending: info.num_ack_pending,
        pending: info.num_pending,
        redelivered: info.num_redelivered,
        ack_floor_seq: info.ack_floor.stream_seq,
        delivered_seq: info.delivered.stream_seq,
      });
    }
    return states;
  });
}

/** One stored message, or null when it is not (any more) there. */
export async function storedMessageAt(
  manager: JetStreamManager,
  stream: string,
  query: MsgRequest,
): Promise<StoredMessage | null> {
  return callBroker(`read a message of "${stream}"`, async () => {
    const found = await manager.streams.getMessage(stream, query).catch((error: unknown) => {
      if (isMissingMessage(error)) return null;
      throw error;
    });
    if (!found) return null;
    const headers: Record<string, string> = {};
    for (const name of found.header?.keys() ?? []) headers[name] = found.header.get(name);
    return {
      stream,
      subject: found.subject,
      seq: found.seq,
      time_ms: found.time.getTime(),
      msg_id: headers["Nats-Msg-Id"] ?? null,
      headers,
      body: found.data,
      pending: 0,
    };
  });
}

/** Removes one message; false when it was not there. */
export async function removeStoredMessage(manager: JetStreamManager, stream: string, seq: number): Promise<boolean> {
  return callBroker(`remove message ${seq} of "${stream}"`, () =>
    manager.streams.deleteMessage(stream, seq).catch((error: unknown) => {
      if (isMissingMessage(error)) return false;
      throw error;
    }),
  );
}

function stateOf({ config, state, created }: StreamInfo): StreamState {
  return {
    name: config.name,
    subjects: config.subjects ?? [],
    epoch: Date.parse(created),
    first_seq: state.first_seq,
    last_seq: state.last_seq,
    messages: state.messages,
    bytes: state.bytes,
    max_bytes: config.max_bytes,
    consumers: state.consumer_count,
  };
}
