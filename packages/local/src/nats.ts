import { statfsSync } from "node:fs";
import { join } from "node:path";
import { DiskTooSmallError } from "./errors.ts";
import { folderBytes } from "./folder-bytes.ts";
import { probeNats } from "./nats-probe.ts";
import { writePrivate } from "./private-file.ts";
import type { Recipe } from "./recipe.ts";
import type { ServerSettings } from "./settings.ts";

const MB = 1024 * 1024;
const GB = 1024 * MB;
/** Room that JetStream leaves to everybody else: a full disk ends it until it is restarted. */
const LEAVE_FREE_BYTES = 2 * GB;
/** What JetStream may fill when the disk has far more. */
const USUAL_STORE_BYTES = 64 * GB;

export interface NatsOptions {
  /** Folder of the server: configuration and store. */
  dir: string;
  /** Path of nats-server. */
  program: string;
  settings: ServerSettings;
  /** The sum of all streams' `max_bytes`, which the store must be able to hold. */
  streams_bytes: number;
}

/** How a NATS server with JetStream is run: loopback only, one user, 16 MB messages, files under `dir`. */
export function natsRecipe({ dir, program, settings, streams_bytes }: NatsOptions): Recipe {
  const config = join(dir, "nats.conf");
  let store_bytes: number | null = null; // of the first start: a restart must not fail because others fill the disk
  return {
    name: "nats",
    stop_signal: "SIGTERM",
    async prepare(port) {
      store_bytes ??= storeBytes(dir, streams_bytes);
      writePrivate(config, configuration({ dir, port, settings, store_bytes }));
      return { file: program, args: ["-c", config] };
    },
    probe: (port, signal) =>
      probeNats(
        { host: "127.0.0.1", port, user: settings.user, password: settings.password },
        { jetstream: true, signal },
      ),
    url: (port) => `nats://127.0.0.1:${port}`,
  };
}

/**
 * How much JetStream may keep on disk: what is free plus what it holds already, less 2 GB, at most 64 GB or what the
 * streams sum to.
 *
 * @throws {DiskTooSmallError} when the streams may fill more than that
 */
function storeBytes(dir: string, streams_bytes: number): number {
  const disk = statfsSync(dir);
  const room = disk.bavail * disk.bsize + folderBytes(join(dir, "jetstream")) - LEAVE_FREE_BYTES;
  if (room < Math.max(streams_bytes, MB)) {
    const wanted = Math.ceil((Math.max(streams_bytes, MB) + LEAVE_FREE_BYTES) / MB);
    const seen = Math.floor((room + LEAVE_FREE_BYTES) / MB);
    throw new DiskTooSmallError(`Cannot keep streams in "${dir}" as ${wanted} MB must be free: ${seen} MB are`);
  }
  return Math.floor(Math.min(room, Math.max(USUAL_STORE_BYTES, streams_bytes)));
}

interface Configuration {
  dir: string;
  port: number;
  settings: ServerSettings;
  store_bytes: number;
}

/** `max_pending` (what the server holds for one slow client) is 8 of the largest messages; the server's default is 64 MB. */
function configuration({ dir, port, settings, store_bytes }: Configuration): string {
  return `server_name: gatehouse
host: "127.0.0.1"
port: ${port}
max_payload: 16MB
max_pending: 128MB
authorization { user: "${settings.user}", password: "${settings.password}", timeout: 5 }
jetstream {
  store_dir: ${JSON.stringify(dir)}
  max_memory_store: 256MB
  max_file_store: ${store_bytes}
}
`;
}
