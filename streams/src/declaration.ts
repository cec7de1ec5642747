/** A durable consumer, as data. Services bind to it; `gatehouse streams apply` makes it. */
export interface ConsumerDeclaration {
  readonly durable: string;
  /** One subject filter (servers before 2.10 take no more). */
  readonly filter: string;
  /** Where a new consumer begins. */
  readonly deliver: "all" | "new";
  /** `slow`: one message is asked for per free slot (models). `fast`: a wide window with a callback. */
  readonly kind: "slow" | "fast";
  /** Handlers at work at once in one process. */
  readonly in_flight: number;
  /** Delivered and not yet settled, over all processes. Delayed naks stay in it. */
  readonly max_ack_pending: number;
  /** After this time without `working()` the broker delivers again. */
  readonly ack_wait_ms: number;
  /** A handler is aborted after this time. */
  readonly max_handling_ms: number;
  /** A message that is refused `later` for this long goes to the dead letters. */
  readonly give_up_after_ms: number;
  /** Its messages do not wait for a suspect that works alone: who dies with it repeats little. */
  readonly beside_suspects?: boolean;
}

/** A JetStream stream, as data. */
export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: "limits" | "workqueue";
  readonly storage: "file" | "memory";
  /** What happens at a limit: `old` forgets the oldest, `new` refuses the publisher. */
  readonly discard: "old" | "new";
  readonly max_age_ms: number;
  readonly max_bytes: number;
  /** 0: no limit. */
  readonly max_msgs_per_subject: number;
  /** A message id is remembered for this long; never longer than the age. */
  readonly duplicate_window_ms: number;
  readonly replicas: number;
  readonly consumers: readonly ConsumerDeclaration[];
}

/** A key-value bucket, as data. */
export interface BucketDeclaration {
  readonly name: string;
  readonly max_bytes: number;
  /** 0: entries stay until they are removed. */
  readonly ttl_ms: number;
  readonly replicas: number;
}

const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const MB = 1024 * 1024;

/** What every stream has unless it says otherwise. */
export function stream(
  name: string,
  subjects: string[],
  own: Partial<StreamDeclaration> & Pick<StreamDeclaration, "max_age_ms" | "max_bytes">,
): StreamDeclaration {
  return {
    name,
    subjects,
    retention: "limits",
    storage: "file",
    discard: "old",
    max_msgs_per_subject: 0,
    duplicate_window_ms: Math.min(2 * MINUTE, own.max_age_ms),
    replicas: 1,
    consumers: [],
    ...own,
  };
}

/** What every consumer has unless it says otherwise. */
export function consumer(
  durable: string,
  filter: string,
  own: Partial<ConsumerDeclaration> & Pick<ConsumerDeclaration, "kind" | "in_flight" | "give_up_after_ms">,
): ConsumerDeclaration {
  return {
    durable,
    filter,
    deliver: "all",
    max_ack_pending: 1_000,
    ack_wait_ms: 10 * SECOND,
    max_handling_ms: 2 * MINUTE,
    ...own,
  };
}
