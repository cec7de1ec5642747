import type { ConsumerDeclaration, StreamDeclaration } from "@gatehouse/streams";
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";

const NS = 1_000_000;

/** A declared stream in the broker's words. */
export function streamConfig(stream: StreamDeclaration): Partial<StreamConfig> & Pick<StreamConfig, "name"> {
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    retention: stream.retention === "workqueue" ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: stream.storage === "file" ? StorageType.File : StorageType.Memory,
    discard: stream.discard === "new" ? DiscardPolicy.New : DiscardPolicy.Old,
    max_age: stream.max_age_ms * NS,
    max_bytes: stream.max_bytes,
    max_msgs_per_subject: stream.max_msgs_per_subject || -1,
    duplicate_window: stream.duplicate_window_ms * NS,
    num_replicas: stream.replicas,
  };
}

/** A declared consumer in the broker's words. The runtime counts deliveries itself: `max_deliver` makes messages vanish. */
export function consumerConfig(consumer: ConsumerDeclaration): Partial<ConsumerConfig> & { durable_name: string } {
  return {
    durable_name: consumer.durable,
    filter_subject: consumer.filter,
    ack_policy: AckPolicy.Explicit,
    replay_policy: ReplayPolicy.Instant,
    deliver_policy: consumer.deliver === "new" ? DeliverPolicy.New : DeliverPolicy.All,
    ack_wait: consumer.ack_wait_ms * NS,
    max_ack_pending: consumer.max_ack_pending,
    max_deliver: -1,
  };
}
