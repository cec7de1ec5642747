import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeError, type GatehouseError } from "@gatehouse/errors";
import { type Clock, systemClock } from "./clock.ts";
import { FolderWriteError } from "./errors.ts";
import type { SimulatedFrame, Sink } from "./sink.ts";

/** How a simulated camera uploads. */
export interface FolderSinkOptions {
  /** In how many pieces a file arrives. Default 4. */
  pieces?: number;
  /** The wait between two pieces. Default 40. */
  piece_wait_ms?: number;
  /** The newest files that are kept per camera: older ones of its own are removed, as real cameras do. Default 1,200 (about 75 MB, ten minutes). */
  keep_files?: number;
  clock?: Clock;
}

/**
 * A camera that uploads by FTP: writes `{root}/{camera_id}/{frame_id}.jpg` piece by piece under its final name, so that whoever
 * watches the folder sees it grow. What could not be written whole is removed.
 * The sink throws {FolderWriteError}.
 */
export function folderSink(root: string, options: FolderSinkOptions = {}): Sink {
  const { pieces = 4, piece_wait_ms = 40, keep_files = 1_200, clock = systemClock } = options;
  const uploaded = new Map<string, string[]>();
  return async (frame, { signal }) => {
    const folder = join(root, frame.camera_id);
    const path = join(folder, `${frame.frame_id}.jpg`);
    try {
      await mkdir(folder, { recursive: true });
      const names = uploaded.get(frame.camera_id) ?? (await filesOf(folder, frame.camera_id));
      uploaded.set(frame.camera_id, names);
      await upload(path, frame.jpeg, { pieces, pause: () => clock.sleep(piece_wait_ms, signal), signal });
      names.push(`${frame.frame_id}.jpg`);
      while (names.length > keep_files) await rm(join(folder, names.shift()!), { force: true });
    } catch (cause) {
      await rm(path, { force: true }).catch(() => undefined);
      throw writeError(frame, path, cause);
    }
  };
}

interface Upload {
  pieces: number;
  pause(): Promise<void>;
  signal: AbortSignal;
}

async function upload(path: string, bytes: Uint8Array, { pieces, pause, signal }: Upload): Promise<void> {
  const piece = Math.ceil(bytes.length / pieces);
  const file = await open(path, "w");
  try {
    for (let from = 0; from < bytes.length; from += piece) {
      if (from > 0) await pause();
      signal.throwIfAborted();
      await file.writeFile(bytes.subarray(from, from + piece));
    }
  } finally {
    await file.close();
  }
}

/** What an earlier run left, the oldest first. */
async function filesOf(folder: string, camera_id: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.startsWith(`${camera_id}-`) && name.endsWith(".jpg")).sort();
}

function writeError({ frame_id, camera_id }: SimulatedFrame, path: string, cause: unknown): GatehouseError {
  return new FolderWriteError(
    `Cannot write frame "${frame_id}" of camera "${camera_id}" to "${path}": ${describeError(cause).message}`,
    {
      facts: { camera_id, frame_id },
      cause,
    },
  );
}
