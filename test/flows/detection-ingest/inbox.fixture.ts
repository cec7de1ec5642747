import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeBody } from "@gatehouse/events";
import type { RunningMesh } from "@gatehouse/runtime";
import { expect, onTestFinished, vi } from "vitest";
import { collect } from "../../harness/collect.ts";
import type { World } from "../../harness/world.ts";

const WITHIN = { timeout: 20_000, interval: 20 };

/** A watched folder of a test's own, and what comes out of it. */
export interface Inbox {
  root: string;
  /** Settings that make a service watch it. */
  env: Record<string, string>;
  /** Writes a whole file at once, as a camera does that uploads under another name and renames. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Names below a folder of the root, sorted. */
  names(folder: string): Promise<string[]>;
  /** Waits until a folder holds exactly these names. */
  holds(folder: string, names: string[]): Promise<void>;
}

export async function makeInbox(world: World, { stable_ms = 300 }: { stable_ms?: number } = {}): Promise<Inbox> {
  const root = await mkdtemp(join(world.dir, "inbox-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const names = async (folder: string) => (await readdir(join(root, folder)).catch(() => [])).sort();
  return {
    root,
    env: {
      GATEHOUSE_INGEST__FOLDER__ROOT: root,
      GATEHOUSE_INGEST__FOLDER__STABLE_MS: String(stable_ms),
      GATEHOUSE_INGEST__FOLDER__POLL_MS: "500",
    },
    async put(path, bytes) {
      await mkdir(join(root, path, ".."), { recursive: true });
      await writeFile(join(root, `.${path.replaceAll("/", "-")}`), bytes);
      await rename(join(root, `.${path.replaceAll("/", "-")}`), join(root, path));
    },
    names,
    holds: (folder, wanted) => vi.waitFor(async () => expect(await names(folder)).toEqual(wanted), WITHIN),
  };
}

/** Waits until the service's readiness says something. */
export function says(mesh: RunningMesh, words: RegExp): Promise<void> {
  return vi.waitFor(
    () =>
      expect(
        mesh
          .readiness()[0]!
          .reasons.map(({ message }) => message)
          .join("\n"),
      ).toMatch(words),
    {
      timeout: 20_000,
      interval: 50,
    },
  );
}

/** Detections of a camera, each as its frame's id and time. */
export async function framesOf(world: World, camera_id: string, count: number, within_ms = 30_000) {
  const sets = await collect(world.bus, "CAMERA_DETECTIONS", count, {
    filter: `camera.${camera_id}.detections`,
    within_ms,
  });
  return sets.map(({ body }) => decodeBody(body).fields as unknown as { frame_id: string; captured_at_ms: number });
}
