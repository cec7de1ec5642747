import { service } from "@gatehouse/enrichment";
import { type CameraDetections, type CameraEvent, cameraDetections, decodeBody } from "@gatehouse/events";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { RunningMesh, StoredMessage } from "@gatehouse/runtime";
import { expect, vi } from "vitest";
import { collect } from "../../harness/collect.ts";
import { type RunMeshOptions, runMesh } from "../../harness/run-mesh.ts";
import { startWorld, type World } from "../../harness/world.ts";

/** A kept box: label and confidence. */
export type Seen = readonly [label: string, confidence: number];
/** An event as it is on the bus. */
interface ToldEvent extends CameraEvent {
  message: StoredMessage;
}

/** enrichment on real servers and a real model server, and what a test asks of them. */
export interface Enrichment {
  world: World;
  readonly models: ReferenceModels;
  /** Closes the model server's port, or opens the same one again. */
  llmAway(): Promise<void>;
  llmBack(): Promise<void>;
  /** Runs one replica; the fixture stops it. Batches close after 1 s unless `env` says otherwise. */
  run(options?: Partial<RunMeshOptions>): Promise<RunningMesh>;
  /** Publishes the detections of a frame. */
  set(camera_id: string, frame_id: string, at_ms: number, seen: readonly Seen[]): Promise<void>;
  /** Waits for so many revisions of a camera's events, in the order of the stream. */
  told(camera_id: string, count: number): Promise<ToldEvent[]>;
  /** Waits until every set was taken, every batch is closed and nothing is due. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export const SETTLED = { timeout: 50_000, interval: 50 };

export async function setupEnrichment(options: Parameters<typeof startWorld>[0] = {}): Promise<Enrichment> {
  const world = await startWorld(options);
  let models = await startReferenceModels();
  const { url, port } = models;
  const running: RunningMesh[] = [];
  const llm = JSON.stringify([{ kind: "openai", url, model: "reference" }]);
  return {
    world,
    get models() {
      return models;
    },
    llmAway: () => models.stop(),
    async llmBack() {
      models = await startReferenceModels({ port });
    },
    async run({ env = {}, ...others } = {}) {
      const short = { GATEHOUSE_MODELS__LLM: llm, GATEHOUSE_BATCHING__IDLE_S: "1" };
      const mesh = await runMesh(world, { services: [service], ...others, env: { ...short, ...env } });
      running.push(mesh);
      return mesh;
    },
    async set(camera_id, frame_id, at_ms, seen) {
      await world.bus.publishEvent(cameraDetections, setOf(camera_id, frame_id, at_ms, seen));
    },
    told: (camera_id, count) => toldBy(world, camera_id, count),
    settled: () => vi.waitFor(() => nothingOpen(world), SETTLED),
    async stop() {
      await Promise.all(running.map((mesh) => mesh.stop()));
      await models.stop();
      await world.stop();
    },
  };
}

export function setOf(camera_id: string, frame_id: string, at_ms: number, seen: readonly Seen[]): CameraDetections {
  return {
    camera_id,
    frame_id,
    captured_at_ms: at_ms,
    model: { name: "reference-detector", version: "1", backend: "reference" },
    image: { width: 640, height: 480 },
    detections: seen.map(([label, confidence], i) => ({
      detection_id: `${camera_id}.${frame_id}.${i}`,
      label,
      confidence,
      box: { x: 0.4, y: 0.2, w: 0.1, h: 0.5 },
    })),
    timings_ms: { queue: 1, decode: 1, infer: 1, total: 3 },
  };
}

async function toldBy({ bus }: World, camera_id: string, count: number): Promise<ToldEvent[]> {
  const messages = await collect(bus, "SECURITY_EVENTS", count, { filter: `camera.${camera_id}.event.>` });
  return messages.map((message) => ({ ...(decodeBody(message.body).fields as unknown as CameraEvent), message }));
}

async function nothingOpen({ bus, db }: World): Promise<void> {
  const [consumer] = await bus.consumers("CAMERA_DETECTIONS");
  expect(consumer).toMatchObject({ pending: 0, ack_pending: 0 });
  const left = await db.query(
    "select 1 from due where kind <> 'forget' union all select 1 from batches where state = 'open'",
  );
  expect(left).toHaveLength(0);
}
