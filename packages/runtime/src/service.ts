import type { EventType, Received, Value } from "@gatehouse/events";
import type { Bus, PublishAck, PublishOptions } from "./bus/bus.ts";
import type { ConfigOf, ConfigSections } from "./config/configuration.ts";
import type { DueRow, DueStore } from "./due-store.ts";
import type { ServiceReadiness } from "./health/readiness.ts";
import type { Log } from "./log.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { Verdict } from "./verdict.ts";

/** Where the backing servers are. URLs of NATS carry no credentials. */
export interface Backing {
  nats_url: string;
  nats_user: string | null;
  nats_password: string | null;
  database_url: string;
  redis_url: string;
  qdrant_url: string | null;
}

/** Sections of the configuration by name, each a schema with its defaults. */
export type Sections = ConfigSections;
/** The checked, frozen configuration of these sections. */
export type Config<S extends Sections> = ConfigOf<S>;

/** What a service is given to start with. */
export interface Host<S extends Sections = Sections> {
  readonly service: string;
  /** Unique to this run of this process: names the holder of a lease. */
  readonly instance: string;
  readonly config: Config<S>;
  readonly backing: Backing;
  /** The folder that holds media, logs and the inbox. */
  readonly home: string;
  readonly bus: Bus;
  readonly log: Log;
  /** Doors begin traces, or go on with those that come in. */
  readonly telemetry: Telemetry;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
  /** How the services of this process are, for doors that show it. */
  readiness(): ServiceReadiness[];
  /** Has due work of one kind looked for at once, after its row was committed. */
  wakeDue(kind: string): void;
  /** Gives up what a door cannot take in: a dead letter, once per id, at most 100 of a camera and code in an hour. @throws when it could not be kept */
  bury(letter: DoorLetter): Promise<void>;
}

/** Something that came through a door and can never be taken in. */
export interface DoorLetter {
  /** Names it: a repeat is kept once. */
  id: string;
  /** The subject on which it would have been published. */
  subject: string;
  code: string;
  reason: string;
  body: Uint8Array;
}

/** A server that the service leans on: errors with its name pause the service until the probe succeeds. */
export interface Dependency {
  readonly name: string;
  /** `optional`: without it the service is degraded; otherwise it is not ready. */
  readonly optional?: boolean;
  probe(signal: AbortSignal): Promise<void>;
}

/** What `start` gives back. `stop` is called once, after all work has ended. */
export interface Started<D extends object> {
  readonly deps: D;
  readonly dependencies?: readonly Dependency[];
  /** Where due work is kept; needed by services that declare `due`. */
  readonly dueStore?: DueStore;
  /** Reasons why the service is degraded now, for `/readyz`. */
  readonly degraded?: () => string[] | Promise<string[]>;
  /** Counts one more dead letter of a subject and code within the hour: beyond 100 only the count is kept. */
  countDead?(subject: string, code: string): Promise<DeadCount>;
  stop?(): Promise<void>;
}

/** How many dead letters of a camera and code there were within the hour; `undo` takes the last one back. */
export interface DeadCount {
  readonly count: number;
  undo(): Promise<void>;
}

/** Where a message came from. */
export interface Delivery {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly time_ms: number;
  readonly msg_id: string | null;
}

/** Publishes one event with its own id as message id. `created_at_ms`: when the thing was recorded; older than the duplicate window, the out-subject is looked through first. */
export type Publish = <E extends EventType>(
  event: E,
  value: Value<E>,
  options?: PublishEventOptions,
) => Promise<PublishAck>;
export interface PublishEventOptions extends Pick<PublishOptions, "id" | "after"> {
  created_at_ms?: number;
  /**
   * With `created_at_ms`: looks first in any case, and refuses when another writer published to the subject since.
   * So whoever was only paused, for however long, doubles nothing. @throws {FencedError}
   */
  fenced?: boolean;
}

/** What every handler gets beside its event; the service's own dependencies are in it too. */
export interface HandlerContext {
  /** Aborted when the handler must end; pass it down to the socket. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Another failure that counts gives the work up. */
  readonly is_last_attempt: boolean;
  readonly publish: Publish;
  /** The active trace as headers, to be kept with due work (its `trace`); empty without one. */
  trace(): Record<string, string>;
  /** Has due work of one kind looked for at once, after its row was committed: else it is found within 0.2 s. */
  wakeDue(kind: string): void;
  /**
   * Begins due work whose row was written as claimed already, for `DUE_LEASE_MS` from `asked_ms` (monotonic clock). Without room
   * for it the row is let go, and whoever has room claims it.
   */
  beginDue(row: DueRow, asked_ms: number): void;
  /** Runs one step of the flow: timed, traced, named in metrics. */
  stage<T>(name: string, work: () => T | Promise<T>): Promise<T>;
}
export type MessageContext<D extends object> = HandlerContext & { readonly delivery: Delivery } & D;
export type DueContext<D extends object> = HandlerContext & { readonly due: DueRow } & D;

/** A durable consumer bound to a handler. */
export interface Input<D extends object = object> {
  /** Name of the durable, as declared in `streams/`. */
  readonly consumer: string;
  readonly event: EventType;
  handle(value: unknown, context: MessageContext<D>): Promise<Verdict>;
  /** Told of a message that does not decode before it is given up, so that whoever waits for an answer hears of it. */
  readonly refused?: Refused<D>;
}
type Refused<D extends object> = (received: Received, why: unknown, context: MessageContext<D>) => Promise<void>;

/** Binds the events of a durable consumer to a handler. */
export function input<E extends EventType, D extends object>(
  consumer: string,
  event: E,
  handle: (value: Value<E>, context: MessageContext<D>) => Promise<Verdict>,
  refused?: Refused<D>,
): Input<D> {
  const bound = {
    consumer,
    event,
    handle: (value: unknown, context: MessageContext<D>) => handle(value as Value<E>, context),
  };
  return refused ? { ...bound, refused } : bound;
}

export type DueHandler<D extends object> = (payload: unknown, context: DueContext<D>) => Promise<Verdict>;

/** How one kind of due work is done. */
export interface DueOptions {
  /** Handlers at work at once in one process; 8 unless said. */
  readonly in_flight?: number;
  /** A handler is aborted after this time; 3 minutes unless said. */
  readonly max_handling_ms?: number;
  /** How often rows are looked for that nobody woke the loop for; 200 ms unless said. */
  readonly look_every_ms?: number;
  /**
   * After so many deaths of its process a row runs alone, and after ten it is given up; 2 unless said. Infinity: deaths
   * are not counted and suspects not waited for, as the handler itself sees to work that kills.
   */
  readonly alone_after_crashes?: number;
}
export interface DueWorker<D extends object> extends DueOptions {
  readonly handle: DueHandler<D>;
}

/** A way in that is not a consumer: a folder, http, ws. `stop` ends it; it may be called once. */
export interface Door<D extends object = object> {
  readonly name: string;
  start(deps: D, host: Host): Promise<OpenDoor>;
}
export interface OpenDoor {
  /** Where it listens, for people. */
  readonly url?: string;
  stop(): Promise<void>;
}

/** A service: what goes in, what is due, which doors it opens, what it leans on. */
export interface Service<D extends object = object, S extends Sections = Sections> {
  readonly name: string;
  readonly config: S;
  readonly inputs?: readonly Input<D>[];
  readonly due?: Readonly<Record<string, DueHandler<D> | DueWorker<D>>>;
  readonly doors?: readonly Door<D>[];
  start(host: Host<S>): Promise<Started<D>>;
}

/** Any service, whatever its dependencies and configuration. */
// biome-ignore lint/suspicious/noExplicitAny: the two parameters are existential here
export type AnyService = Service<any, any>;

/** Declares a service. Importing it starts nothing: `main.ts` or `gatehouse up` runs it. */
export function defineService<D extends object, S extends Sections>(service: Service<D, S>): Service<D, S> {
  return Object.freeze(service);
}
