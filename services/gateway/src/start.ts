import { join } from "node:path";
import { createMediaStore } from "@gatehouse/media";
import { createRetriever } from "@gatehouse/retrieval";
import { type Host, openCatalogue, type Started } from "@gatehouse/runtime";
import { createDetectionStore, openPostgres, openRedis, openVectors } from "@gatehouse/store";
import { openAiModels } from "./ai/ai-models.ts";
import { createKeyring } from "./auth/keyring.ts";
import { REDIS_PREFIX } from "./auth/login-code.ts";
import { createSessions } from "./auth/sessions.ts";
import { createKnownCameras } from "./cameras/known-cameras.ts";
import type { config } from "./config.ts";
import type { Deps } from "./deps.ts";
import { createRateLimits } from "./rate-limits.ts";
import { createUploads } from "./receiving/uploads.ts";
import { createLive } from "./streams/live.ts";
import { createTails } from "./streams/tails.ts";

/** What must be known before a door opens is asked for with little patience, so that Postgres can keep nobody waiting. */
const AT_THE_DOOR = { max: 4, statement_timeout_ms: 1_000, connect_timeout_ms: 1_000 };

/** Opens what the doors lean on. Without Redis only logging in by a printed link fails; without Postgres all that is kept there. */
export async function start(host: Host<typeof config>): Promise<Started<Deps>> {
  const { backing, config, home, service, bus, log, signal, telemetry } = host;
  const db = openPostgres(backing.database_url, { name: service });
  const door_db = openPostgres(backing.database_url, { name: service, ...AT_THE_DOOR });
  const cache = openRedis(backing.redis_url, { name: service, key_prefix: REDIS_PREFIX });
  const media = createMediaStore({ root: join(home, "media"), max_bytes: config.retention.media_mb * 1024 * 1024 });
  const live = createLive(bus);
  const ai = openAiModels(host, db);
  const onLost = (reason: string) => log.warn({ reason }, "vectors were lost");
  const vectors = openVectors({ home, qdrant_url: backing.qdrant_url, onLost });
  const retriever = createRetriever({
    ...{ db, vectors, embedder: ai.embedder, reranker: ai.reranker, settings: config.retrieval },
    onFault: ({ code, message: reason }) => log.warn({ code, reason }, "searched without it"),
  });
  const tails = createTails(bus, log, signal);
  return {
    deps: {
      bus,
      db,
      cache,
      cameras: createKnownCameras(door_db, config.ingest.auto_create_cameras),
      detections: createDetectionStore(db),
      takenFrames: createDetectionStore(door_db),
      media,
      keyring: createKeyring(door_db),
      sessions: createSessions(cache),
      rates: createRateLimits(config.limits),
      uploads: createUploads(config.limits.uploads_mb * 1024 * 1024),
      ai,
      retriever,
      catalogue: openCatalogue(config.pipelines),
      tails,
      live,
      config,
      home,
      readiness: () => host.readiness(),
      log,
      telemetry,
    },
    dependencies: [
      { name: "postgres", optional: true, probe: (probing) => db.probe(probing) },
      { name: "redis", optional: true, probe: (probing) => cache.probe(probing) },
    ],
    stop: async () => {
      tails.close();
      live.close();
      await ai.close(); // what was asked is counted before Postgres is closed
      await Promise.all([db.close(), door_db.close(), cache.close(), media.close(), vectors.close()]);
    },
  };
}
