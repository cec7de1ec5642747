import { lstatSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { mesh, meshBytes, type StreamSettings } from "@gatehouse/streams";
import type { Settings } from "../settings.ts";
import type { Tell } from "./news.ts";

const MB = 1024 * 1024;
/** JetStream leaves this much of the disk to everybody else. */
const LEAVE_FREE_BYTES = 2048 * MB;
const LEAST_FRAMES_MB = 16;

/** What the configuration says about streams. */
export function streamSettings({ retention, durability }: Pick<Settings, "retention" | "durability">): StreamSettings {
  const { frames_h, frames_mb, detections_d, events_d, dead_letters_mb } = retention;
  return { replicas: durability === "gold" ? 3 : 1, frames_h, frames_mb, detections_d, events_d, dead_letters_mb };
}

/** The same settings with a queue of frames that fits into `room_bytes`, never below 16 MB. */
export function fitStreams(settings: StreamSettings, room_bytes: number): StreamSettings {
  const over_mb = Math.ceil((meshBytes(mesh(settings)) - room_bytes) / MB);
  if (over_mb <= 0) return settings;
  return {
    ...settings,
    frames_mb: Math.max(Math.min(LEAST_FRAMES_MB, settings.frames_mb), settings.frames_mb - over_mb),
  };
}

/** How many bytes the broker of this home may keep: what the disk has free and what it holds already, less 2 GB. */
function streamRoom(home: string): number {
  const { bavail, bsize } = statfsSync(home);
  return bavail * bsize + bytesIn(join(home, "nats", "jetstream")) - LEAVE_FREE_BYTES;
}

function bytesIn(folder: string): number {
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  if (!entry) return 0;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.reduce((sum, name) => {
    const file = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return file?.isFile() ? sum + file.blocks * 512 : sum;
  }, 0);
}

/** What the configuration says about streams, as far as the disk has room. What is made smaller is told. */
export function fitToDisk(
  home: string,
  settings: Pick<Settings, "retention" | "durability">,
  tell: Tell,
): StreamSettings {
  const wanted = streamSettings(settings);
  const fitting = fitStreams(wanted, streamRoom(home));
  if (fitting.frames_mb < wanted.frames_mb)
    tell({
      what: "note",
      text: `The disk has little room: the queue of frames holds ${fitting.frames_mb} MB instead of ${wanted.frames_mb} MB (retention.frames_mb)`,
    });
  return fitting;
}
