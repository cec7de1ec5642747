import { cameraDetectionSets, cameraFrames, cameraStates, securityEvents } from "./cameras.ts";
import { aiChatStream, companionsChat, companionsLogins } from "./chat.ts";
import { deadLetters, redrive } from "./dead-letters.ts";
import { type BucketDeclaration, DAY, MB, type StreamDeclaration } from "./declaration.ts";
import { aiPipeline } from "./pipelines.ts";
import { scan } from "./scan.ts";
import { STREAM_DEFAULTS, type StreamSettings } from "./settings.ts";
import { aiVoiceStream } from "./voice.ts";

/** Everything that the broker keeps for the mesh. */
export interface MeshDeclaration {
  readonly streams: readonly StreamDeclaration[];
  readonly buckets: readonly BucketDeclaration[];
}

/** All streams with their consumers, and all buckets, for these settings. */
export function mesh(settings: StreamSettings = STREAM_DEFAULTS): MeshDeclaration {
  const streams = [
    companionsLogins,
    companionsChat,
    aiChatStream,
    aiVoiceStream,
    aiPipeline,
    cameraFrames,
    cameraDetectionSets,
    cameraStates,
    securityEvents,
    scan,
    deadLetters,
    redrive,
  ];
  return {
    streams: streams.map((declare) => ({ ...declare(settings), replicas: settings.replicas })),
    buckets: [
      { name: "attempts", max_bytes: 64 * MB, ttl_ms: 30 * DAY, replicas: settings.replicas },
      // Without an age: memory that is in use does not become free because time passes.
      { name: "gpu", max_bytes: 16 * MB, ttl_ms: 0, replicas: settings.replicas },
    ],
  };
}

/** The most that all of it can take up on disk, in bytes. */
export function meshBytes({ streams, buckets }: MeshDeclaration): number {
  return [...streams, ...buckets].reduce((sum, { max_bytes }) => sum + max_bytes, 0);
}
