import { cameraDetections, defineEvent, encode } from "@gatehouse/events";
import type { ConsumerDeclaration, MeshDeclaration, StreamDeclaration } from "@gatehouse/streams";

/** Who is measured, each with its own durable consumer on the same messages. */
export const VARIANTS = ["ours", "stock", "tuned"] as const;
export type Variant = (typeof VARIANTS)[number];

const { schema, example } = cameraDetections;

/** What comes in. */
export const taken = defineEvent({
  name: "bench-taken",
  summary: "A set of detections on its way in",
  subject: "bench.{camera_id}.taken",
  schema,
  example,
});

/** What goes out. */
export const given = defineEvent({
  name: "bench-given",
  summary: "A set of detections on its way out",
  subject: "given.{camera_id}",
  schema,
  example,
  id: (set) => `${set.camera_id}.${set.frame_id}.given`,
});

const BOXES = 6;

/** A set of six boxes: about 900 bytes. */
export function makeSet(frame_id: string): Uint8Array {
  const camera_id = "front-door";
  return encode({
    ...example,
    camera_id,
    frame_id,
    detections: Array.from({ length: BOXES }, (_, i) => ({
      detection_id: `${camera_id}.${frame_id}.${i}`,
      label: "person",
      confidence: 0.913 + i / 1_000,
      box: { x: 0.1234 + i / 10_000, y: 0.2345, w: 0.0812, h: 0.1711 },
    })),
  });
}

/**
 * Handlers, or publishes of a baseline, at work at once: for each what costs least. A wide window costs the broker less and
 * the collector of garbage more: of ours more lives as long as a message is at work.
 */
export const IN_FLIGHT: Readonly<Record<Variant, number>> = { ours: 256, stock: 256, tuned: 1_024 };

const consumer = (durable: Variant): ConsumerDeclaration => ({
  durable,
  filter: "bench.*.taken",
  deliver: "all",
  kind: "fast",
  in_flight: IN_FLIGHT[durable],
  max_ack_pending: 2_000,
  ack_wait_ms: 30_000,
  max_handling_ms: 30_000,
  give_up_after_ms: 3_600_000,
});

const stream = (name: string, subject: string, consumers: ConsumerDeclaration[]): StreamDeclaration => ({
  name,
  subjects: [subject],
  retention: "limits",
  storage: "file",
  discard: "old",
  max_age_ms: 3_600_000,
  max_bytes: 1024 * 1024 * 1024,
  max_msgs_per_subject: 0,
  duplicate_window_ms: 120_000,
  replicas: 1,
  consumers,
});

/** One stream in with a consumer for each, one stream out, one for what our runtime gives up. */
export const declared: MeshDeclaration = {
  streams: [
    stream("TAKEN", "bench.*.taken", VARIANTS.map(consumer)),
    stream("GIVEN", "given.*", []),
    stream("DEAD_LETTERS", "dead.>", []),
  ],
  buckets: [{ name: "attempts", max_bytes: 16 * 1024 * 1024, ttl_ms: 3_600_000, replicas: 1 }],
};

/** Where a variant finds the broker, and what it is to do. */
export interface StageRun {
  nats_url: string;
  user: string;
  password: string;
  broker_pid: number;
  /** Messages that wait for it. */
  count: number;
}

/** From the first message to the last acknowledgement. */
export interface StageResult {
  elapsed_ms: number;
  own_cpu_us: number;
  broker_cpu_us: number;
  foreign_cores: number;
}
