import type { MeshDeclaration } from "@gatehouse/streams";
import { type ConsumerConfig, DeliverPolicy, type JetStreamManager, type StreamConfig } from "@nats-io/jetstream";
import { isMissingConsumer, isMissingStream } from "../bus/broker-errors.ts";
import { consumerConfig, streamConfig } from "./stream-config.ts";

/** One difference between what is declared and what the broker has. */
export interface StreamChange {
  what: "stream" | "consumer" | "bucket";
  name: string;
  action: "create" | "update" | "recreate";
  fields: { field: string; from: unknown; to: unknown }[];
  /** Stored messages would be deleted, or a consumer would be made anew: refused unless forced. */
  destructive: boolean;
  /** What the change means, for people. */
  note: string | null;
}

const FIXED_STREAM_FIELDS = ["retention", "storage"];
const FIXED_CONSUMER_FIELDS = ["deliver_policy", "ack_policy", "replay_policy"];
const SHRINKING = ["max_age", "max_bytes", "max_msgs_per_subject"];

/** Compares the declaration with the broker. An empty list: nothing to do. */
export async function planStreams(
  manager: JetStreamManager,
  { streams, buckets }: MeshDeclaration,
): Promise<StreamChange[]> {
  const changes: StreamChange[] = [];
  for (const stream of streams) {
    const there = await streamThere(manager, stream.name);
    changes.push(...compareStream(stream.name, streamConfig(stream), there));
    for (const consumer of stream.consumers) {
      const has = there && (await consumerThere(manager, stream.name, consumer.durable));
      changes.push(...compareConsumer(consumer.durable, consumerConfig(consumer), has));
    }
  }
  for (const bucket of buckets) {
    const there = await streamThere(manager, `KV_${bucket.name}`);
    if (!there)
      changes.push({ what: "bucket", name: bucket.name, action: "create", fields: [], destructive: false, note: null });
  }
  return changes;
}

function compareStream(name: string, wanted: Partial<StreamConfig>, there: StreamConfig | null): StreamChange[] {
  if (!there) return [{ what: "stream", name, action: "create", fields: [], destructive: false, note: null }];
  const fields = differences(wanted, there);
  if (fields.length === 0) return [];
  const recreate = fields.some(({ field }) => FIXED_STREAM_FIELDS.includes(field));
  const loses = fields.filter(({ field, from, to }) => SHRINKING.includes(field) && limit(to) < limit(from));
  const dropped = (there.subjects ?? []).filter((subject) => !wanted.subjects?.includes(subject));
  const note = recreate
    ? "made anew: every stored message is deleted"
    : loses.length > 0
      ? "stored messages beyond the new limit are deleted"
      : dropped.length > 0
        ? `no longer keeps ${dropped.join(", ")}`
        : null;
  return [
    {
      what: "stream",
      name,
      action: recreate ? "recreate" : "update",
      fields,
      destructive: recreate || loses.length > 0,
      note,
    },
  ];
}

function compareConsumer(name: string, wanted: Partial<ConsumerConfig>, there: ConsumerConfig | null): StreamChange[] {
  if (!there) return [{ what: "consumer", name, action: "create", fields: [], destructive: false, note: null }];
  // One that was made anew starts at a sequence: that is how it came to be, not a difference.
  const policy = there.deliver_policy === DeliverPolicy.StartSequence ? wanted.deliver_policy : there.deliver_policy;
  const fields = differences(wanted, { ...there, deliver_policy: policy });
  if (fields.length === 0) return [];
  const recreate = fields.some(({ field }) => FIXED_CONSUMER_FIELDS.includes(field));
  const filter = fields.find(({ field }) => field === "filter_subject");
  const note = recreate
    ? "made anew: starts after its last acknowledged message"
    : filter
      ? `takes "${filter.to}" instead of "${filter.from}"`
      : null;
  return [{ what: "consumer", name, action: recreate ? "recreate" : "update", fields, destructive: recreate, note }];
}

function differences(wanted: object, there: object): StreamChange["fields"] {
  return Object.entries(wanted)
    .map(([field, to]) => ({ field, from: (there as Record<string, unknown>)[field], to }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}

/** The broker writes "no limit" as 0 or -1. */
const limit = (value: unknown): number => (Number(value) > 0 ? Number(value) : Number.POSITIVE_INFINITY);

export async function streamThere(manager: JetStreamManager, name: string): Promise<StreamConfig | null> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (isMissingStream(error)) return null;
    throw error;
  }
}

async function consumerThere(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerConfig | null> {
  try {
    return (await manager.consumers.info(stream, durable)).config;
  } catch (error) {
    if (isMissingConsumer(error) || isMissingStream(error)) return null;
    throw error;
  }
}
