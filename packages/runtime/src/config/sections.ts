import { Id, OneOf, OrNull, Unit } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { chat } from "./chat-section.ts";
import type { ConfigOf } from "./configuration.ts";
import { gpu } from "./gpu-section.ts";
import { limits } from "./limits-section.ts";
import { models } from "./models-section.ts";
import { pipelines } from "./pipelines-section.ts";
import { retrieval } from "./retrieval-section.ts";

const Whole = (minimum: number, maximum: number, initial: number, description: string) =>
  Type.Integer({ minimum, maximum, default: initial, description });
const Flag = (initial: boolean, description: string) => Type.Boolean({ default: initial, description });
const Port = (initial: number, description: string) => Whole(0, 65_535, initial, `${description}; 0: any free port`);
const Host = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 253,
    default: "127.0.0.1",
    description: `${description}; loopback unless changed`,
  });
const Url = (description: string) => Type.String({ format: "url", maxLength: 2048, description });
const Labels = (initial: string[], description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 256, default: initial, description });

/** Every setting that more than one part reads: name, unit, range, default. `gatehouse.yaml` overrides, the environment more so. */
export const sections = {
  durability: {
    ...OneOf(
      ["bronze", "silver", "gold"],
      "What a power cut may cost; silver and gold need a broker that knows sync_interval",
    ),
    default: "bronze",
  },
  gateway: Type.Object({
    host: Host("Where the gateway listens"),
    port: Port(8080, "Port of the gateway"),
    public_url: { ...OrNull(Url("How people reach the gateway, when that is not host and port")), default: null },
  }),
  cameras: Type.Array(
    Type.Object({
      id: Id("Names the camera in subjects"),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: "For people" })),
    }),
    { maxItems: 1000, default: [], description: "Cameras that are there from the start" },
  ),
  ingest: Type.Object({
    auto_create_cameras: Flag(true, "A first frame with a valid id creates its camera"),
    duplicate_ttl_s: Whole(0, 86_400, 300, "The same picture again within this time is not detected again"),
    folder: Type.Object({
      root: {
        ...OrNull(Type.String({ minLength: 1, description: "Folder to watch; null: <home>/inbox" })),
        default: null,
      },
      poll_ms: Whole(100, 3_600_000, 1000, "How often the folder is read"),
      stable_ms: Whole(0, 3_600_000, 2000, "A file is taken when it has not changed for this long"),
    }),
  }),
  detection: Type.Object({
    threshold: { ...Unit("Boxes below this confidence, 0..1, are dropped"), default: 0.5 },
    thresholds: Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Unit("Confidence, 0..1"), {
      default: { person: 0.45, car: 0.7, bicycle: 0.65, dog: 0.55, backpack: 0.6 },
      description: "By label, instead of threshold",
    }),
    labels: Labels(
      ["person", "car", "truck", "dog", "cat", "bird", "bicycle", "motorcycle", "bus"],
      "Labels that are kept",
    ),
    motion_gate: Flag(true, "Frames on which nothing moved are not sent to the detector"),
    min_sharpness: Type.Number({
      minimum: 0,
      default: 2,
      description: "Variance of the Laplacian below which a frame is blurred; 0: none is",
    }),
  }),
  batching: Type.Object({
    max_s: Whole(1, 3600, 90, "A batch closes at this age"),
    idle_s: Whole(1, 3600, 30, "A batch closes when nothing was seen for this long"),
    max_detections: Whole(1, 10_000, 50, "A batch closes at this many boxes"),
    fast_path: Type.Object({
      confidence: { ...Unit("From this confidence, 0..1, an event is told at once"), default: 0.9 },
      labels: Labels(["person"], "Labels that may take the fast path"),
    }),
  }),
  chat,
  retrieval,
  models,
  gpu,
  pipelines,
  retention: Type.Object({
    frames_h: Whole(1, 24, 24, "Frames wait this long for their detector"),
    frames_mb: Whole(16, 1_048_576, 2048, "Size of the queue of frames"),
    detections_d: Whole(1, 3650, 7, "Detections are kept"),
    events_d: Whole(1, 3650, 30, "Events are kept"),
    chat_d: Whole(1, 3650, 30, "What was asked and answered is kept"),
    pipelines_d: Whole(1, 3650, 30, "Runs of pipelines that have ended are kept"),
    media_mb: Whole(16, 16_777_216, 2048, "Size of the media store"),
    dead_letters_mb: Whole(16, 1_048_576, 512, "Size of the dead letters"),
  }),
  limits,
  health: Type.Object({ port: Port(0, "Health listener of each process"), host: Host("Where health listens") }),
  wire: Type.Object({ cloudevents: Flag(false, "Adds the CloudEvents attributes to what is published") }),
  log: Type.Object({
    level: { ...OneOf(["debug", "info", "warn", "error"], "Lines below this are not written"), default: "info" },
    content: Flag(false, "Writes what people said or wrote into the logs: for looking for faults only"),
  }),
} as const;

/** What the shared sections hold once they were checked. */
export type SharedConfig = ConfigOf<typeof sections>;
