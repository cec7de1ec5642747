import { join } from "node:path";
import { createMediaStore, MAX_IMAGE_BYTES } from "@gatehouse/media";
import { createDetector, createGpu } from "@gatehouse/models";
import { type Bus, batchMetrics, createLeaseStore, gpuMetrics, type Host, type Started } from "@gatehouse/runtime";
import {
  countDeadLetter,
  createDetectionStore,
  createDueStore,
  type Database,
  ensureCamera,
  openPostgres,
  openRedis,
} from "@gatehouse/store";
import type { config } from "./config.ts";
import { FolderFaults } from "./doors/folder-faults.ts";
import { createDuplicates } from "./duplicates.ts";
import { dueForgetting } from "./forget-old.ts";
import { createKnownCameras } from "./known-cameras.ts";
import type { Deps } from "./service.ts";
import { createStillness } from "./stillness.ts";

const FULL_AT = 0.8;
const FORGET_AFTER_MS = 60_000;

/** Opens what the flow leans on. */
export async function start({
  backing,
  config: { cameras, ingest, detection, gpu: cards, models, retention },
  home,
  service,
  instance,
  bus,
  log,
  signal,
  telemetry,
}: Host<typeof config>): Promise<Started<Deps>> {
  const batches = batchMetrics(telemetry.metrics, { service, model: "detector" });
  const gpu = createGpu(cards, { store: createLeaseStore(bus), holder: `${service}.${instance}`, signal, log });
  const endMetrics = gpuMetrics(telemetry.metrics, () => gpu.status());
  const detector = createDetector(models.detector, { batches, gpu });
  const db = openPostgres(backing.database_url, { name: service });
  const cache = openRedis(backing.redis_url, { name: service, key_prefix: "gh:" });
  const media = createMediaStore({ root: join(home, "media"), max_bytes: retention.media_mb * 1024 * 1024 });
  const stop = async () => {
    endMetrics();
    await Promise.all([gpu.close(), db.close(), cache.close(), detector.close(), media.close()]);
  };
  await Promise.all([ensureCameras(db, cameras), dueForgetting(db, Date.now() + FORGET_AFTER_MS)]).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  const detections = createDetectionStore(db);
  const folder_faults = new FolderFaults();
  return {
    deps: {
      db,
      detections,
      detector,
      cameras: createKnownCameras(db, ingest.auto_create_cameras),
      duplicates: createDuplicates(cache, detections, ingest.duplicate_ttl_s),
      stillness: createStillness(cache, detection.motion_gate),
      media,
      rules: { ...detection, keep_days: retention.detections_d },
      folder_faults,
    },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "detector", probe: (signal) => detector.probe(signal) },
      { name: "redis", optional: true, probe: (signal) => cache.probe(signal) },
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    degraded: async () => [...(await queueFaults(bus)), ...folder_faults.reasons()],
    stop,
  };
}

/** The cameras of the configuration are known before their first frame. */
async function ensureCameras(db: Database, cameras: Host<typeof config>["config"]["cameras"]): Promise<void> {
  for (const { id, name } of cameras)
    await ensureCamera(db, {
      camera_id: id,
      at_ms: Date.now(),
      via: "config",
      ...(name === undefined ? {} : { name }),
    });
}

/** A broker that is away is told by its own probe. */
async function queueFaults(bus: Bus): Promise<string[]> {
  const faults: string[] = [];
  if (bus.max_payload < MAX_IMAGE_BYTES)
    faults.push(`The broker takes messages of at most ${bus.max_payload} bytes: larger pictures never arrive`);
  const queue = await bus.stream("CAMERA_FRAMES").catch(() => null);
  const share = queue && queue.max_bytes > 0 ? queue.bytes / queue.max_bytes : 0;
  if (share >= FULL_AT)
    faults.push(`The queue of frames is ${Math.round(share * 100)} % full: at 100 % it refuses new ones`);
  return faults;
}
