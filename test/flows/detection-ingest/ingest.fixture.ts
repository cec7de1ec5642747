import { service } from "@gatehouse/detection-ingest";
import { type CameraDetections, decodeBody, encode } from "@gatehouse/events";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { RunningMesh, StoredMessage } from "@gatehouse/runtime";
import { expect, vi } from "vitest";
import { collect } from "../../harness/collect.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { startWorld, type World } from "../../harness/world.ts";
import { type DetectorProxy, startDetectorProxy } from "./detector-proxy.fixture.ts";

/** detection-ingest on real servers and a real detector, and what a test asks of them. */
export interface Ingest {
  world: World;
  models: ReferenceModels;
  detector: DetectorProxy;
  /** Runs the service; the fixture stops it. */
  run(env?: Record<string, string>): Promise<RunningMesh>;
  /** Publishes a MessagePack frame. */
  frame(camera_id: string, frame_id: string, image: Uint8Array, own?: object): Promise<void>;
  /** Waits for so many detection sets of a camera. */
  sets(camera_id: string, count: number): Promise<CameraDetections[]>;
  /** Waits until every frame was settled. */
  drained(): Promise<void>;
  /** Messages of a stream on a subject. */
  count(stream: string, subject: string): Promise<number>;
  /** Waits for so many dead letters of a camera. */
  dead(camera_id: string, count: number): Promise<StoredMessage[]>;
  stop(): Promise<void>;
}

const WITHIN = { timeout: 20_000, interval: 50 };

export async function setupIngest(options: Parameters<typeof startWorld>[0] = {}): Promise<Ingest> {
  const world = await startWorld(options);
  const models = await startReferenceModels();
  const detector = await startDetectorProxy(models.url);
  const running: RunningMesh[] = [];
  const { bus } = world;
  const kept = async (stream: string, filter: string, count: number) => collect(bus, stream, count, { filter });
  const deadOf = async (camera_id: string) => {
    const { messages } = await bus.stream("DEAD_LETTERS");
    const all = messages === 0 ? [] : await kept("DEAD_LETTERS", "dead.detection-ingest", messages);
    return all.filter(({ headers }) => headers["Gatehouse-Subject"] === `camera.${camera_id}.frame`);
  };
  return {
    world,
    models,
    detector,
    async run(env = {}) {
      const servers = { GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: detector.url }]) };
      const mesh = await runMesh(world, { services: [service], env: { ...servers, ...env } });
      running.push(mesh);
      return mesh;
    },
    async frame(camera_id, frame_id, image, own = {}) {
      const fields = { camera_id, frame_id, captured_at_ms: Date.now(), media_type: "image/jpeg", image, ...own };
      await bus.publish(`camera.${camera_id}.frame`, encode(fields));
    },
    async sets(camera_id, count) {
      const messages = await kept("CAMERA_DETECTIONS", `camera.${camera_id}.detections`, count);
      return messages.map(({ body }) => decodeBody(body).fields as unknown as CameraDetections);
    },
    drained: () =>
      vi.waitFor(async () => expect(await bus.stream("CAMERA_FRAMES")).toMatchObject({ messages: 0 }), WITHIN),
    async count(stream, subject) {
      const { state } = await bus.manager.streams.info(stream, { subjects_filter: subject });
      return state.subjects?.[subject] ?? 0;
    },
    dead: (camera_id, count) =>
      vi.waitFor(async () => {
        const letters = await deadOf(camera_id);
        expect(letters.map(({ headers }) => headers["Gatehouse-Code"])).toHaveLength(count);
        return letters;
      }, WITHIN),
    async stop() {
      await Promise.all(running.map((mesh) => mesh.stop()));
      await detector.stop();
      await models.stop();
      await world.stop();
    },
  };
}
