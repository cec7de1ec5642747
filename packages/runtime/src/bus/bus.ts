import type { EventType, Value } from "@gatehouse/events";
import type { InstanceReadiness } from "../health/readiness.ts";

/** Where in its stream a message was kept. */
export interface PublishAck {
  stream: string;
  seq: number;
  /** It was there already under the same message id. */
  duplicate: boolean;
}

export interface PublishOptions {
  /** `Nats-Msg-Id`: a repeat within the duplicate window is kept once. */
  id?: string | undefined;
  /** Refuse unless the subject's last sequence is this one (0: none yet). @see FencedError */
  after?: number | undefined;
  headers?: Readonly<Record<string, string>>;
  timeout_ms?: number | undefined;
}

/** A message as a stream keeps it. */
export interface StoredMessage {
  stream: string;
  subject: string;
  seq: number;
  time_ms: number;
  msg_id: string | null;
  headers: Readonly<Record<string, string>>;
  /** A view that is valid until the next message: copy what outlives it. */
  body: Uint8Array;
  /** Messages behind this one that match the filter, when it was delivered. */
  pending: number;
}

/** A message of no stream. */
export interface LiveMessage {
  subject: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export interface StreamState {
  name: string;
  subjects: string[];
  /** When the stream was made, epoch ms: another value means made anew. */
  epoch: number;
  first_seq: number;
  last_seq: number;
  messages: number;
  bytes: number;
  max_bytes: number;
  consumers: number;
}

export interface ConsumerState {
  stream: string;
  durable: string;
  /** Delivered and not yet settled. */
  ack_pending: number;
  /** Not yet delivered. */
  pending: number;
  redelivered: number;
  ack_floor_seq: number;
  delivered_seq: number;
}

/** Where to begin to follow a stream. */
export type FollowFrom = "new" | "all" | { seq: number } | { time_ms: number };

export interface FollowOptions {
  filter?: string;
  signal: AbortSignal;
}

/** The bus, as services see it: the NATS client stays behind it. All methods may throw `BusUnavailableError` (later). */
export interface Bus {
  /** The largest body that the broker takes, bytes. */
  readonly max_payload: number;
  readonly connected: boolean;
  /** Publishes to a stream and waits for its acknowledgement. @throws {FencedError | StreamFullError | NoStreamError | BusUnavailableError} */
  publish(subject: string, body: Uint8Array, options?: PublishOptions): Promise<PublishAck>;
  /** The same for a declared event: subject and message id come from the value. */
  publishEvent<E extends EventType>(event: E, value: Value<E>, options?: PublishOptions): Promise<PublishAck>;
  /** Publishes to a subject of no stream: nobody acknowledges. */
  send(subject: string, body: Uint8Array): void;
  /** Messages of a stream in order, each once, through restarts of the broker. Ends when the signal aborts. @throws {StreamResetError} when the stream was made anew. */
  follow(stream: string, from: FollowFrom, options: FollowOptions): AsyncIterable<StoredMessage>;
  /** Live messages of subjects that no stream keeps. Returns what ends it. */
  subscribe(subject: string, onMessage: (message: LiveMessage) => void): () => void;
  /**
   * How the services of all processes are, in their own words: those that answer within 1 s, or until all that are
   * expected have answered. While the broker is away nobody does.
   */
  services(expected: readonly string[]): Promise<InstanceReadiness[]>;
  streams(): Promise<StreamState[]>;
  /** @throws {NoStreamError} */
  stream(name: string): Promise<StreamState>;
  consumers(stream: string): Promise<ConsumerState[]>;
  message(stream: string, seq: number): Promise<StoredMessage | null>;
  lastMessage(stream: string, subject: string): Promise<StoredMessage | null>;
  removeMessage(stream: string, seq: number): Promise<boolean>;
}
