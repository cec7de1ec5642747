import { consumer, DAY, MB, type StreamDeclaration, stream } from "./declaration.ts";
import type { StreamSettings } from "./settings.ts";

export const deadLetters = ({ dead_letters_mb }: StreamSettings): StreamDeclaration =>
  stream("DEAD_LETTERS", ["dead.>"], { max_age_ms: 30 * DAY, max_bytes: dead_letters_mb * MB });

/** Services that take messages in, and so have dead letters of their own that can be driven again. */
export const REDRIVABLE = ["detection-ingest", "enrichment", "chat-handler", "pipeline-bridge"] as const;

/**
 * Each service takes its own only: on the original subject it would be dropped as a duplicate, and others would see it
 * again. Full, it refuses: the dead letter stays where it is.
 */
export const redrive = ({ dead_letters_mb }: StreamSettings): StreamDeclaration =>
  stream("REDRIVE", ["redrive.>"], {
    discard: "new",
    max_age_ms: 7 * DAY,
    max_bytes: dead_letters_mb * MB,
    consumers: REDRIVABLE.map((service) =>
      consumer(`${service}-redrive`, `redrive.${service}`, {
        kind: "slow",
        in_flight: 2,
        max_ack_pending: 64,
        give_up_after_ms: 3 * DAY,
      }),
    ),
  });
