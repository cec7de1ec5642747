import type { ConsumerDeclaration, MeshDeclaration, StreamDeclaration } from "@gatehouse/streams";

const MB = 1024 * 1024;

/** A small stream for a test. */
export function declareStream(
  name: string,
  subjects: string[],
  own: Partial<StreamDeclaration> = {},
): StreamDeclaration {
  return {
    name,
    subjects,
    retention: "limits",
    storage: "file",
    discard: "old",
    max_age_ms: 3_600_000,
    max_bytes: 64 * MB,
    max_msgs_per_subject: 0,
    duplicate_window_ms: Math.min(120_000, own.max_age_ms ?? 120_000),
    replicas: 1,
    consumers: [],
    ...own,
  };
}

/** A consumer that is impatient: tests wait for what it does, not for its defaults. */
export function declareConsumer(
  durable: string,
  filter: string,
  own: Partial<ConsumerDeclaration> = {},
): ConsumerDeclaration {
  return {
    durable,
    filter,
    deliver: "all",
    kind: "slow",
    in_flight: 4,
    max_ack_pending: 1_000,
    ack_wait_ms: 1_000,
    max_handling_ms: 30_000,
    give_up_after_ms: 60_000,
    ...own,
  };
}

/** These streams, with the dead letters and the bucket that every mesh has. */
export function declareMesh(...streams: StreamDeclaration[]): MeshDeclaration {
  return {
    streams: [...streams, declareStream("DEAD_LETTERS", ["dead.>"])],
    buckets: [{ name: "attempts", max_bytes: 8 * MB, ttl_ms: 3_600_000, replicas: 1 }],
  };
}
