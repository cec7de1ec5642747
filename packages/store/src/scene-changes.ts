import type { CameraStatus } from "@gatehouse/events";
import { lockCamera } from "./cameras.ts";
import type { Queryable } from "./queryable.ts";

/** What a camera shows, next to what it showed before. */
export type Scene = NonNullable<CameraStatus["scene"]>;

/** A change of what a camera shows. Written by detection-ingest. */
export interface SceneChange {
  camera_id: string;
  /** The frame that confirmed it. */
  frame_id: string;
  scene: Scene;
  captured_at_ms: number;
  /** When it was written, by the database's clock. */
  created_at_ms: number;
  /** Where in its stream it was kept; null while it is not known to be published. */
  published_seq: number | null;
}

/**
 * Notes what a frame shows, under the camera's row lock; true when that is a change. A camera begins as `same`; a frame
 * that was taken before the newest one that was noted changes nothing. Safe to repeat. Needs a transaction.
 */
export async function noteScene(
  tx: Queryable,
  {
    camera_id,
    frame_id,
    scene,
    captured_at_ms,
  }: Pick<SceneChange, "camera_id" | "frame_id" | "scene" | "captured_at_ms">,
): Promise<boolean> {
  const { scene_at_ms } = await lockCamera(tx, camera_id);
  if (scene_at_ms !== null && captured_at_ms < scene_at_ms) return false;
  await tx.query("update cameras set scene_at_ms = $2 where camera_id = $1", [camera_id, captured_at_ms]);
  const changed = await tx.query(
    `insert into scene_changes (camera_id, frame_id, scene, captured_at_ms, created_at_ms)
     select $1, $2, $3, $4, now_ms() where $3 <> coalesce(
       (select scene from scene_changes where camera_id = $1 order by change_id desc limit 1), 'same')
     on conflict do nothing returning 1`,
    [camera_id, frame_id, scene, captured_at_ms],
  );
  return changed.length > 0;
}

/** Changes of a camera that are not known to be published, oldest first. */
export function unpublishedScenes(db: Queryable, camera_id: string): Promise<SceneChange[]> {
  return db.query<SceneChange>(
    `select camera_id, frame_id, scene, captured_at_ms, created_at_ms, published_seq from scene_changes
     where camera_id = $1 and published_seq is null order by change_id`,
    [camera_id],
  );
}

/** Notes where a change was kept; the first mark stays. */
export async function markScenePublished(
  db: Queryable,
  { camera_id, frame_id }: Pick<SceneChange, "camera_id" | "frame_id">,
  seq: number,
): Promise<void> {
  await db.query(
    "update scene_changes set published_seq = $3 where camera_id = $1 and frame_id = $2 and published_seq is null",
    [camera_id, frame_id, seq],
  );
}
