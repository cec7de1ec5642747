import { type EventType, encodeEvent, subjectOf, type Value } from "@gatehouse/events";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { askDiscovery } from "../health/ask-discovery.ts";
import type { InstanceReadiness } from "../health/readiness.ts";
import type { Log } from "../log.ts";
import { callBroker } from "./broker-errors.ts";
import type {
  Bus,
  ConsumerState,
  FollowFrom,
  FollowOptions,
  LiveMessage,
  PublishAck,
  PublishOptions,
  StoredMessage,
  StreamState,
} from "./bus.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import { type Envelope, eventHeaders } from "./event-headers.ts";
import { follow } from "./follow.ts";
import { plainHeaders } from "./jetstream-message.ts";
import { Outbox } from "./outbox.ts";
import { Publisher } from "./publisher.ts";
import { consumerStates, removeStoredMessage, storedMessageAt, streamState, streamStates } from "./stream-reader.ts";

export interface BusOptions {
  log: Log;
  envelope?: Envelope;
}

/** The bus on NATS. Only this package knows its insides; services get it as `Bus`. */
export class NatsBus implements Bus {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly outbox: Outbox;
  readonly #publisher: Publisher;
  readonly #log: Log;
  readonly #envelope: Envelope;
  readonly #reconnectListeners = new Set<() => void>();
  #connected = true;

  constructor(connection: NatsConnection, manager: JetStreamManager, { log, envelope }: BusOptions) {
    this.connection = connection;
    this.#envelope = envelope ?? { cloudevents: false, source: "client" };
    this.#log = log;
    this.manager = manager;
    this.outbox = new Outbox(connection, () => this.connected);
    this.#publisher = new Publisher(connection, this.outbox, () => this.connected);
    void this.#watch();
  }

  get connected(): boolean {
    return this.#connected && !this.connection.isClosed();
  }

  get max_payload(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  get server_version(): string {
    return this.connection.info?.version ?? "unknown";
  }

  /** Calls the listener whenever the connection is back; what was asked for before is lost. Returns what ends it. */
  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => this.#reconnectListeners.delete(listener);
  }

  publish(subject: string, body: Uint8Array, options?: PublishOptions): Promise<PublishAck> {
    return this.#publisher.publish(subject, body, options);
  }

  publishEvent<E extends EventType>(event: E, value: Value<E>, options: PublishOptions = {}): Promise<PublishAck> {
    const id = options.id ?? event.id?.(value as never);
    const headers = Object.assign(eventHeaders(event, id, this.#envelope, Date.now()), options.headers);
    const { after, timeout_ms } = options;
    const all = { id, after, headers, timeout_ms };
    return this.publish(subjectOf(event, value as object), encodeEvent(event, value), all);
  }

  send(subject: string, body: Uint8Array): void {
    if (!this.connection.isClosed()) this.connection.publish(subject, body);
  }

  follow(stream: string, from: FollowFrom, options: FollowOptions): AsyncIterable<StoredMessage> {
    const parts = {
      connection: this.connection,
      manager: this.manager,
      isConnected: () => this.connected,
      onReconnect: (listener: () => void) => this.onReconnect(listener),
    };
    return follow(parts, stream, from, options);
  }

  subscribe(subject: string, onMessage: (message: LiveMessage) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return;
        // What a callback throws would end the client's reading for good.
        try {
          onMessage({ subject: message.subject, headers: plainHeaders(message), body: message.data });
        } catch (fault) {
          this.#log.error({ subject, reason: String(fault) }, "live message could not be taken");
        }
      },
    });
    return () => subscription.unsubscribe();
  }

  async services(expected: readonly string[]): Promise<InstanceReadiness[]> {
    return this.connected ? askDiscovery(this.connection, expected) : [];
  }

  streams(): Promise<StreamState[]> {
    return streamStates(this.manager);
  }

  stream(name: string): Promise<StreamState> {
    return streamState(this.manager, name);
  }

  consumers(stream: string): Promise<ConsumerState[]> {
    return consumerStates(this.manager, stream);
  }

  message(stream: string, seq: number): Promise<StoredMessage | null> {
    return storedMessageAt(this.manager, stream, { seq });
  }

  lastMessage(stream: string, subject: string): Promise<StoredMessage | null> {
    return storedMessageAt(this.manager, stream, { last_by_subj: subject });
  }

  removeMessage(stream: string, seq: number): Promise<boolean> {
    return removeStoredMessage(this.manager, stream, seq);
  }

  /** Whether the broker answers. @throws {BusUnavailableError} */
  async probe(): Promise<void> {
    await callBroker("reach the broker", () => this.manager.getAccountInfo());
  }

  /** Writes what waits and closes; bounded, repeatable. */
  async close(): Promise<void> {
    this.outbox.flush();
    this.#publisher.close();
    if (this.connection.isClosed()) return;
    await Promise.race([
      this.connection.flush().catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
    ]);
    await this.connection.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") {
        this.#connected = false;
        this.#publisher.failAll("the broker is away");
        this.#log.warn({}, "broker lost");
      } else if (status.type === "reconnect") {
        this.#connected = true;
        for (const listener of this.#reconnectListeners) listener();
        this.#log.info({}, "broker back");
      } else if (status.type === "error") this.#log.warn({ reason: status.error.message }, "broker refused something");
    }
  }
}

/** Connects to the broker. @throws {BusUnavailableError} */
export async function openBus(options: ConnectionOptions & BusOptions): Promise<NatsBus> {
  const connection = await openConnection(options);
  return new NatsBus(connection, await jetstreamManager(connection, { checkAPI: false }), options);
}
