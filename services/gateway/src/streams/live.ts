import type { Bus } from "@gatehouse/runtime";
import { SharedMessage } from "./shared-message.ts";
import type { Reader } from "./tail.ts";

/** Subjects that no stream keeps: all who follow the same one share one subscription on the bus. */
export interface Live {
  /** Returns what ends it; that may be called again. */
  follow(reader: Pick<Reader, "pattern" | "deliver">): () => void;
  close(): void;
}

interface Shared {
  readers: Set<Pick<Reader, "pattern" | "deliver">>;
  stop(): void;
}

export function createLive(bus: Bus): Live {
  const followed = new Map<string, Shared>();
  const open = (pattern: string): Shared => {
    const readers: Shared["readers"] = new Set();
    const stop = bus.subscribe(pattern, ({ subject, headers, body }) => {
      const msg_id = headers["Nats-Msg-Id"] ?? null;
      const message = new SharedMessage({ stream: null, seq: null, subject, time_ms: Date.now(), msg_id, body });
      for (const reader of readers) reader.deliver(message);
    });
    const shared = { readers, stop };
    followed.set(pattern, shared);
    return shared;
  };
  return {
    follow(reader) {
      const shared = followed.get(reader.pattern) ?? open(reader.pattern);
      shared.readers.add(reader);
      return () => {
        shared.readers.delete(reader);
        if (shared.readers.size > 0 || followed.get(reader.pattern) !== shared) return;
        followed.delete(reader.pattern);
        shared.stop();
      };
    },
    close() {
      for (const { stop } of followed.values()) stop();
      followed.clear();
    },
  };
}
