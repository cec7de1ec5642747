import type { BucketDeclaration, ConsumerDeclaration, MeshDeclaration, StreamDeclaration } from "@gatehouse/streams";
import { DeliverPolicy } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { callBroker } from "../bus/broker-errors.ts";
import type { NatsBus } from "../bus/nats-bus.ts";
import { DestructiveChangeError } from "../errors.ts";
import { planStreams, type StreamChange, streamThere } from "./plan-streams.ts";
import { consumerConfig, streamConfig } from "./stream-config.ts";

/** What was done; `again` is how many messages a consumer made anew delivers once more. */
export interface AppliedChange extends StreamChange {
  again?: number;
}

/**
 * Makes the broker have what is declared. Twice in a row changes nothing.
 * @throws {DestructiveChangeError} when stored messages would be deleted or a consumer made anew, unless forced.
 */
export async function applyStreams(
  bus: NatsBus,
  declared: MeshDeclaration,
  { force = false }: { force?: boolean } = {},
): Promise<AppliedChange[]> {
  return callBroker("apply the streams", async () => {
    const plan = await planStreams(bus.manager, declared);
    const refused = plan.filter(({ destructive }) => destructive);
    if (refused.length > 0 && !force)
      throw new DestructiveChangeError(
        `Cannot apply the streams without --force: ${refused.map(({ what, name, note }) => `${what} "${name}" ${note}`).join("; ")}`,
      );
    const applied: AppliedChange[] = [];
    for (const change of plan) applied.push(await applyOne(bus, declared, change));
    return applied;
  });
}

async function applyOne(
  bus: NatsBus,
  { streams, buckets }: MeshDeclaration,
  change: StreamChange,
): Promise<AppliedChange> {
  if (change.what === "bucket") await makeBucket(bus, buckets.find(({ name }) => name === change.name)!);
  if (change.what === "stream") await makeStream(bus, streams.find(({ name }) => name === change.name)!, change);
  if (change.what !== "consumer") return change;
  const stream = streams.find(({ consumers }) => consumers.some(({ durable }) => durable === change.name))!;
  const consumer = stream.consumers.find(({ durable }) => durable === change.name)!;
  return { ...change, ...(await makeConsumer(bus, stream.name, consumer, change)) };
}

async function makeStream({ manager }: NatsBus, stream: StreamDeclaration, { action }: StreamChange): Promise<void> {
  if (action === "recreate") await manager.streams.delete(stream.name);
  if (action === "update") await manager.streams.update(stream.name, streamConfig(stream));
  else await manager.streams.add(streamConfig(stream));
  for (const consumer of action === "recreate" ? stream.consumers : [])
    await manager.consumers.add(stream.name, consumerConfig(consumer));
}

async function makeConsumer(
  { manager }: NatsBus,
  stream: string,
  consumer: ConsumerDeclaration,
  { action }: StreamChange,
): Promise<{ again?: number }> {
  const wanted = consumerConfig(consumer);
  if (action === "create") {
    await manager.consumers.add(stream, wanted);
    return {};
  }
  if (action === "update") {
    await manager.consumers.update(stream, consumer.durable, wanted);
    return {};
  }
  const { ack_floor, delivered } = await manager.consumers.info(stream, consumer.durable);
  await manager.consumers.delete(stream, consumer.durable);
  await manager.consumers.add(stream, {
    ...wanted,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: ack_floor.stream_seq + 1,
  });
  return { again: delivered.stream_seq - ack_floor.stream_seq };
}

async function makeBucket({ connection, manager }: NatsBus, bucket: BucketDeclaration): Promise<void> {
  if (await streamThere(manager, `KV_${bucket.name}`)) return;
  await new Kvm(connection).create(bucket.name, {
    history: 1,
    max_bytes: bucket.max_bytes,
    ttl: bucket.ttl_ms,
    replicas: bucket.replicas,
  });
}
